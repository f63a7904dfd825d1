import type { SwitchLogin } from '#network/switch/drivers/contract';

export const NO_LOGIN: SwitchLogin = {
  username: null,
  password: null,
  privateKey: null,
  enablePassword: null,
  ca: null,
  certificate: null,
  certificateKey: null,
};
