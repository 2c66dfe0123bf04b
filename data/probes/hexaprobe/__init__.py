"""The probe harness: runs one program inside the sandbox against harmless exploits and benign uses.

Nothing here runs outside the sandbox. `main` reads the plan, `shots` drives the program, the modules of the
world (files, commands, network, watchers) stand between the program and the outside and note what it does,
`judge` says what a shot shows.
"""
