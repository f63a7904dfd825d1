import type { AgentNodeView } from './wire.ts';

/** Phases in which an agent has steps: `clean.get_clean_steps`, `clean.execute_clean_step`, and so on. */
export type StepPhase = 'clean' | 'deploy' | 'service';

export interface ArgumentInfo {
  description: string;
  required?: boolean;
}

/** A step as the agent offers it. */
export interface AgentStep {
  step: string;
  interface: 'deploy' | 'raid';
  priority: number;
  reboot_requested: boolean;
  abortable: boolean;
  argsinfo?: Readonly<Record<string, ArgumentInfo>>;
}

export interface StepPort {
  address: string;
  uuid?: string;
  pxe_enabled?: boolean;
  [more: string]: unknown;
}

/** Parameters of `<phase>.get_<phase>_steps`. */
export interface GetStepsParams {
  node: AgentNodeView;
  ports: readonly StepPort[];
}

/** Result of `<phase>.get_<phase>_steps`: by hardware manager. */
export type GetStepsResult = {
  [phase in StepPhase as `${phase}_steps`]?: Readonly<Record<string, readonly AgentStep[]>>;
} & {
  hardware_manager_version: Readonly<Record<string, string>>;
};

/** A step as it is asked for. */
export interface StepToRun {
  step: string;
  interface?: string;
  priority?: number;
  args?: Readonly<Record<string, unknown>>;
  [more: string]: unknown;
}

/** Parameters of `<phase>.execute_<phase>_step`. */
export type ExecuteStepParams = {
  [phase in StepPhase as `${phase}_version`]?: Readonly<Record<string, string>> | null;
} & {
  step: StepToRun;
  node: AgentNodeView;
  ports: readonly StepPort[];
};

/** Result of `<phase>.execute_<phase>_step`. */
export type ExecuteStepResult<R = unknown> = {
  [phase in StepPhase as `${phase}_result`]?: R;
} & {
  [phase in StepPhase as `${phase}_step`]?: StepToRun;
};
