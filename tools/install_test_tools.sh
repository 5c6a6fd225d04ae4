#!/usr/bin/env bash
# Install what the tests need beside Python, where this machine lets us; what stays missing is skipped by name
# (and fails where CI is set).
set -u
declare -A package=(
  [chromium]=chromium [pdftoppm]=poppler-utils [ip]=iproute2 [soffice]=libreoffice-calc-nogui [wrk]=wrk
)
wanted=()
for program in "${!package[@]}"; do
  command -v "$program" >/dev/null 2>&1 || wanted+=("${package[$program]}")
done
# Writer opens the documents; soffice alone may be the spreadsheets' part only.
[ -e "$(dirname "$(readlink -f "$(command -v soffice || echo /none/soffice)")")/libswlo.so" ] ||
  wanted+=(libreoffice-writer-nogui)
command -v initdb >/dev/null 2>&1 || compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || wanted+=(postgresql)
[ -e /usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc ] || wanted+=(fonts-noto-cjk)
[ ${#wanted[@]} -eq 0 ] && exit 0
if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
  echo "Not on this machine, their tests are skipped: ${wanted[*]}"
  exit 0
fi
echo "Installing for the tests: ${wanted[*]}"
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update >/dev/null && apt-get -qq install -y --no-install-recommends "${wanted[@]}" >/dev/null
exit 0
