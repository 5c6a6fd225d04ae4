"""What takes longer than 20 ms of CPU: run by runner.run_job in a process of its own, never in a web worker.

Modules here import nothing from the rest of Kiosk. runner, fonts and qr_modules are light enough for a web worker.
"""
