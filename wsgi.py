"""What gunicorn and `flask` load."""

from kiosk import create_app

app = create_app()
