"""Runs many `openstack` commands in one process: each line of input is a JSON list of arguments, each line of
output a JSON object {code, out, err}. Starting Python anew for each of a hundred commands would take minutes."""
import contextlib
import io
import json
import sys

from openstackclient import shell

for line in sys.stdin:
    argv = json.loads(line)
    out, err = io.StringIO(), io.StringIO()
    code = 1
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = shell.OpenStackShell().run(argv)
        except SystemExit as done:
            code = done.code
        except Exception as error:
            err.write(str(error))
    sys.__stdout__.write(json.dumps({"code": code or 0, "out": out.getvalue(), "err": err.getvalue()}) + "\n")
    sys.__stdout__.flush()
