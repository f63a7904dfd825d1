import { type Account, ROLES, type Role } from '../../accounts.ts';
import { refuse } from '../../refusal.ts';
import {
  type Ask,
  booleanOf,
  collection,
  head,
  type Json,
  onlyKnown,
  ref,
  type Reply,
  type Resource,
  status,
  stringOf,
} from '../resource.ts';

const SERVICE = '/redfish/v1/AccountService';
const path = (id: string) => `${SERVICE}/Accounts/${id}`;

const PRIVILEGES: Record<Role, readonly string[]> = {
  Administrator: ['Login', 'ConfigureManager', 'ConfigureUsers', 'ConfigureSelf', 'ConfigureComponents'],
  Operator: ['Login', 'ConfigureSelf', 'ConfigureComponents'],
  ReadOnly: ['Login', 'ConfigureSelf'],
};

function show(account: Account): Json {
  return {
    ...head(path(account.id), 'ManagerAccount.v1_12_1', account.id, 'User Account'),
    UserName: account.name,
    Password: null,
    RoleId: account.role,
    Enabled: account.enabled,
    Locked: false,
    AccountTypes: ['Redfish', 'IPMI'],
    Links: { Role: ref(`${SERVICE}/Roles/${account.role}`) },
  };
}

function roleOf(body: Json): Role | undefined {
  const role = stringOf(body, 'RoleId');
  if (role !== undefined && !(ROLES as readonly string[]).includes(role))
    throw refuse('PropertyValueNotInList', role, 'RoleId');
  return role as Role | undefined;
}

function create(ask: Ask, body: Json): Reply {
  onlyKnown(body, ['UserName', 'Password', 'RoleId', 'Enabled', 'AccountTypes', 'Locked']);
  const name = stringOf(body, 'UserName');
  const password = stringOf(body, 'Password');
  const role = roleOf(body);
  if (name === undefined) throw refuse('CreateFailedMissingReqProperties', 'UserName');
  if (password === undefined) throw refuse('CreateFailedMissingReqProperties', 'Password');
  if (role === undefined) throw refuse('CreateFailedMissingReqProperties', 'RoleId');
  const account = ask.bmc.accounts.create(name, password, role, booleanOf(body, 'Enabled') ?? true);
  ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'account.create', { name, role });
  return { status: 201, body: show(account), headers: { location: path(account.id) } };
}

/** Everyone may change their own password; the rest is the administrator's. */
function patch(ask: Ask, body: Json): undefined {
  const account = ask.bmc.accounts.get(ask.params[0] ?? '');
  if (account === undefined) throw refuse('ResourceNotFound', 'ManagerAccount', ask.params[0] ?? '');
  onlyKnown(body, ['UserName', 'Password', 'RoleId', 'Enabled', 'Locked']);
  const own = account === ask.account && Object.keys(body).every((k) => k === 'Password');
  if (!own && ask.account?.role !== 'Administrator') throw refuse('InsufficientPrivilege');
  const role = roleOf(body);
  const name = stringOf(body, 'UserName');
  const password = stringOf(body, 'Password');
  const enabled = booleanOf(body, 'Enabled');
  ask.bmc.accounts.update(account, {
    ...(name === undefined ? {} : { name }),
    ...(password === undefined ? {} : { password }),
    ...(role === undefined ? {} : { role }),
    ...(enabled === undefined ? {} : { enabled }),
  });
  ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'account.change', {
    name: account.name,
    changed: Object.keys(body),
  });
  return undefined;
}

export const accountResources: readonly Resource[] = [
  {
    path: '/AccountService',
    get: () => ({
      ...head(SERVICE, 'AccountService.v1_15_1', 'AccountService', 'Account Service'),
      ServiceEnabled: true,
      MinPasswordLength: 1,
      MaxPasswordLength: 20,
      AccountLockoutThreshold: 0,
      Status: status(),
      Accounts: ref(`${SERVICE}/Accounts`),
      Roles: ref(`${SERVICE}/Roles`),
    }),
  },
  {
    path: '/AccountService/Accounts',
    get: (ask) =>
      collection(
        `${SERVICE}/Accounts`,
        'ManagerAccountCollection',
        'Accounts',
        ask.bmc.accounts.list().map((a) => path(a.id)),
      ),
    post: create,
  },
  {
    path: '/AccountService/Accounts/{account}',
    writer: 'ReadOnly',
    get: (ask) => {
      const account = ask.bmc.accounts.get(ask.params[0] ?? '');
      return account === undefined ? undefined : show(account);
    },
    patch,
    delete: (ask) => {
      if (ask.account?.role !== 'Administrator') throw refuse('InsufficientPrivilege');
      if (ask.params[0] === ask.account.id) throw refuse('ResourceCannotBeDeleted');
      ask.bmc.accounts.delete(ask.params[0] ?? '');
      ask.bmc.ledger.add(ask.bmc.name, 'action', ask.caller, 'account.delete', { id: ask.params[0] });
      return undefined;
    },
  },
  {
    path: '/AccountService/Roles',
    get: () =>
      collection(
        `${SERVICE}/Roles`,
        'RoleCollection',
        'Roles',
        ROLES.map((r) => `${SERVICE}/Roles/${r}`),
      ),
  },
  {
    path: '/AccountService/Roles/{role}',
    get: (ask) => {
      const role = ROLES.find((r) => r === ask.params[0]);
      if (role === undefined) return undefined;
      return {
        ...head(`${SERVICE}/Roles/${role}`, 'Role.v1_3_3', role, role),
        IsPredefined: true,
        RoleId: role,
        AssignedPrivileges: PRIVILEGES[role],
      };
    },
  },
];
