"""The first file that the sandbox runs for a program."""

from hexaprobe.main import main

main()
