"""Prepare a Job that restores a backup of MLflow, JSON from standard input to standard output, suspended:
set_restore_options.py BACKUP | --list

BACKUP is an archive's name, or empty for the newest.
"""

import json
import sys

job = json.load(sys.stdin)
list_only = sys.argv[1] == "--list"
job["spec"]["suspend"] = True
pod = job["spec"]["template"]["spec"]
for container in pod.get("initContainers", []) + pod["containers"]:
    for variable in container["env"]:
        if variable["name"] == "BACKUP":
            # No archive has this name, so the Job fails and prints the names that exist.
            variable["value"] = "?" if list_only else sys.argv[1]
if list_only:
    job["spec"]["backoffLimit"] = 0
json.dump(job, sys.stdout)
