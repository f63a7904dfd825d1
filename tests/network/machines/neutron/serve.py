"""Runs Debian's real Neutron (ML2, SQLite, no agents) for one test.

argv: a folder, a TCP port. Says "ready" on standard output. Binds ports of machines by a mechanism driver that does
what those for switches do, without a switch; ports named in FOLDER/broken, one a line, cannot be bound. Takes the token
"judge" for an administrator's.
"""

import eventlet

eventlet.monkey_patch()

import os
import sys
import warnings

warnings.filterwarnings('ignore')
folder, port = sys.argv[1], int(sys.argv[2])

# The mechanism driver, found as any other is: by an entry point.
info = os.path.join(folder, 'ingot_judge-1.dist-info')
os.makedirs(info, exist_ok=True)
with open(os.path.join(info, 'METADATA'), 'w') as file:
    file.write('Metadata-Version: 2.1\nName: ingot-judge\nVersion: 1\n')
with open(os.path.join(info, 'entry_points.txt'), 'w') as file:
    file.write('[neutron.ml2.mechanism_drivers]\njudge = ingot_judge:Judge\n')
with open(os.path.join(folder, 'ingot_judge.py'), 'w') as file:
    file.write(f'''
from neutron_lib.plugins.ml2 import api

class Judge(api.MechanismDriver):
    # Ports without an address can be bound, too.
    connectivity = "l2"

    def initialize(self):
        pass

    def bind_port(self, context):
        if context.current["binding:vnic_type"] != "baremetal":
            return
        links = context.current["binding:profile"].get("local_link_information", [])
        try:
            broken = open("{folder}/broken").read().split()
        except OSError:
            broken = []
        if not links or any(link["port_id"] in broken for link in links):
            return
        for segment in context.segments_to_bind:
            context.set_binding(segment["id"], "other", {{}}, status="ACTIVE")
            return

class Who:
    """In the place of keystonemiddleware."""

    def __init__(self, app):
        self.app = app

    def __call__(self, environ, start_response):
        if environ.get("HTTP_X_AUTH_TOKEN") != "judge":
            start_response("401 Unauthorized", [("content-type", "application/json")])
            return [b"{{}}"]
        environ.update(HTTP_X_USER_ID="judge", HTTP_X_PROJECT_ID="judge", HTTP_X_ROLES="admin,member,reader",
                       HTTP_X_IDENTITY_STATUS="Confirmed", HTTP_X_USER_NAME="judge", HTTP_X_PROJECT_NAME="judge")
        return self.app(environ, start_response)

def who(global_conf, **local_conf):
    return Who
''')
sys.path.insert(0, folder)

with open(os.path.join(folder, 'paste.ini'), 'w') as file:
    file.write('''
[composite:neutron]
use = egg:Paste#urlmap
/v2.0: api
[pipeline:api]
pipeline = who context extensions core
[filter:who]
paste.filter_factory = ingot_judge:who
[filter:context]
paste.filter_factory = neutron.auth:NeutronKeystoneContext.factory
[filter:extensions]
paste.filter_factory = neutron.api.extensions:plugin_aware_extension_middleware_factory
[app:core]
paste.app_factory = neutron.api.v2.router:APIRouter.factory
''')
with open(os.path.join(folder, 'neutron.conf'), 'w') as file:
    file.write(f'''
[DEFAULT]
core_plugin = ml2
service_plugins =
auth_strategy = keystone
transport_url = fake:/
api_paste_config = {folder}/paste.ini
state_path = {folder}
notify_nova_on_port_status_changes = false
notify_nova_on_port_data_changes = false
[database]
connection = sqlite:///{folder}/neutron.db
[oslo_concurrency]
lock_path = {folder}
[ml2]
type_drivers = vlan,flat
tenant_network_types = vlan
mechanism_drivers = judge
extension_drivers =
[ml2_type_vlan]
network_vlan_ranges = rack1:1:4000
[quotas]
default_quota = -1
quota_network = -1
quota_port = -1
''')

from neutron.common import config  # noqa: E402
from neutron_lib.db import api as db_api  # noqa: E402

config.register_common_config_options()
config.init(['--config-file', os.path.join(folder, 'neutron.conf')])

from neutron.db.migration.models import head  # noqa: E402

head.get_metadata().create_all(db_api.get_context_manager().writer.get_engine())
app = config.load_paste_app('neutron')

from eventlet import wsgi  # noqa: E402

listener = eventlet.listen(('127.0.0.1', port))
print('ready', flush=True)
wsgi.server(listener, app, log_output=False)
