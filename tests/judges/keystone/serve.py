"""Debian's Keystone, set up and served from one process: starting Python anew for each of its commands costs more than
what they do. Arguments: folder, port, the bare metal endpoint. Says `ready` on its output once it answers."""
import ctypes
import grp
import os
import pwd
import signal
import sys
import wsgiref.simple_server

# It ends with the test, however that ends (PR_SET_PDEATHSIG).
ctypes.CDLL(None).prctl(1, signal.SIGKILL)
folder, port = sys.argv[1], int(sys.argv[2])
conf = os.path.join(folder, "keystone.conf")
repositories = [os.path.join(folder, name) for name in ("fernet", "credential")]
with open(conf, "w") as out:
    out.write(f"""
[DEFAULT]
log_file = {folder}/keystone.log
[database]
connection = sqlite:///{folder}/keystone.sqlite
[token]
provider = fernet
[fernet_tokens]
key_repository = {repositories[0]}
[credential]
key_repository = {repositories[1]}
[identity]
password_hash_rounds = 4
""")
for repository in repositories:
    os.mkdir(repository, 0o700)

from keystone.cmd import cli  # noqa: E402
from keystone.server.flask import core  # noqa: E402


def manage(*words):
    """One command of keystone-manage, in a child: its settings are read once a process."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            sys.argv = ["keystone-manage", "--config-file", conf, *words]
            cli.main(argv=sys.argv)
            code = 0
        except BaseException as error:  # noqa: B902
            sys.stderr.write(f"{words[0]}: {error!r}\n")
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(f"keystone-manage {words[0]} failed")


manage("db_sync")
user, group = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
manage("fernet_setup", "--keystone-user", user, "--keystone-group", group)
manage(
    "bootstrap", "--bootstrap-password", "keystone-password", "--bootstrap-region-id", "RegionOne",
    "--bootstrap-public-url", f"http://127.0.0.1:{port}/v3")

del sys.argv[1:]
application = core.initialize_application(name="public", config_files=[conf])
server = wsgiref.simple_server.make_server("127.0.0.1", port, application)
print("ready", flush=True)
server.serve_forever()
