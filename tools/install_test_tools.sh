#!/usr/bin/env bash
# Install what the tests need beside Python, where this machine lets us; what stays missing is skipped by name
# (and fails where CI is set).
set -u
declare -A package=(
  [chromium]=chromium [pdftoppm]=poppler-utils [ip]=iproute2 [soffice]=libreoffice-calc-nogui [wrk]=wrk [cc]="gcc libc6-dev"
  [nginx]=nginx-light
)
wanted=()
for program in "${!package[@]}"; do
  command -v "$program" >/dev/null 2>&1 && continue
  read -ra packages <<<"${package[$program]}"
  wanted+=("${packages[@]}")
done
# Writer opens the documents; soffice alone may be the spreadsheets' part only.
[ -e "$(dirname "$(readlink -f "$(command -v soffice || echo /none/soffice)")")/libswlo.so" ] ||
  wanted+=(libreoffice-writer-nogui)
# What the browser tests are driven by needs it, and a small system lacks it.
compgen -G '/usr/lib*/*/libatomic.so.1' >/dev/null || compgen -G '/usr/lib*/libatomic.so.1' >/dev/null || wanted+=(libatomic1)
command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql)
# What the tests draw with (tests/aids/fonts.py): faces of different widths and heights.
declare -A font=(
  [opentype/noto/NotoSansCJK-Regular.ttc]=fonts-noto-cjk
  [truetype/dejavu/DejaVuSans.ttf]=fonts-dejavu-core
  [truetype/wqy/wqy-zenhei.ttc]=fonts-wqy-zenhei
  [truetype/wqy/wqy-microhei.ttc]=fonts-wqy-microhei
  [truetype/arphic/uming.ttc]=fonts-arphic-uming
  [truetype/liberation/LiberationSans-Regular.ttf]=fonts-liberation
  [truetype/crosextra/Carlito-Regular.ttf]=fonts-crosextra-carlito
)
for file in "${!font[@]}"; do
  [ -e "/usr/share/fonts/$file" ] || wanted+=("${font[$file]}")
done
# Chromium without windows, with which the browser tests take half the time; not every system has it.
shell=chromium-headless-shell
command -v "$shell" >/dev/null 2>&1 && shell=
[ ${#wanted[@]} -eq 0 ] && [ -z "$shell" ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  [ ${#wanted[@]} -eq 0 ] || echo "Not on this machine, their tests are skipped: ${wanted[*]}"
  exit 0
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get -qq install -y --no-install-recommends "$@" >/dev/null; }
if [ ${#wanted[@]} -gt 0 ]; then
  echo "Installing for the tests: ${wanted[*]}"
  apt-get -qq update >/dev/null && install "${wanted[@]}"
elif ! compgen -G '/var/lib/apt/lists/*_Packages*' >/dev/null; then
  apt-get -qq update >/dev/null
fi
# Alone, for nothing else may fail with it; with Chromium, for both must be of one version.
if [ -n "$shell" ] && apt-cache show "$shell" >/dev/null 2>&1; then
  echo "Installing for the tests: $shell"
  install chromium "$shell"
fi
exit 0
