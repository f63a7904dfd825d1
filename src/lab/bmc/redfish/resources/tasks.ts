import type { Task } from '../../tasks.ts';
import { type Ask, collection, head, isoTime, type Json, ref, type Resource, status, STATUS } from '../resource.ts';

const SERVICE = '/redfish/v1/TaskService';

function show(task: Task): Json {
  const path = `${SERVICE}/Tasks/${task.id}`;
  return {
    ...head(path, 'Task.v1_7_3', task.id, task.name),
    TaskState: task.state,
    TaskStatus: task.status,
    PercentComplete: task.percent,
    StartTime: isoTime(task.createdAt),
    ...(task.endedAt === null ? {} : { EndTime: isoTime(task.createdAt + task.endedAt - task.startedAt) }),
    TaskMonitor: `${SERVICE}/TaskMonitors/${task.id}`,
    HidePayload: true,
    Messages: task.messages.map((m) => ({
      MessageId: m.messageId,
      Message: m.message,
      MessageSeverity: m.severity,
      Severity: m.severity,
      MessageArgs: [],
    })),
  };
}

/** 202 while the task runs, its last state afterwards (DSP0266). A useless one is not there at all. */
function monitor(ask: Ask): Json | undefined {
  const task = ask.bmc.tasks.get(ask.params[0] ?? '');
  if (task === undefined || ask.bmc.traits.taskMonitorUseless) return undefined;
  return Object.assign(show(task), { [STATUS]: task.endedAt === null ? 202 : 200 });
}

export const taskResources: readonly Resource[] = [
  {
    path: '/TaskService',
    get: (ask) => ({
      ...head(SERVICE, 'TaskService.v1_2_1', 'TaskService', 'Task Service'),
      DateTime: isoTime(ask.bmc.now()),
      ServiceEnabled: true,
      CompletedTaskOverWritePolicy: 'Oldest',
      LifeCycleEventOnTaskStateChange: false,
      Status: status(),
      Tasks: ref(`${SERVICE}/Tasks`),
    }),
  },
  {
    path: '/TaskService/Tasks',
    get: (ask) =>
      collection(
        `${SERVICE}/Tasks`,
        'TaskCollection',
        'Tasks',
        ask.bmc.tasks.list().map((t) => `${SERVICE}/Tasks/${t.id}`),
      ),
  },
  {
    path: '/TaskService/Tasks/{task}',
    get: (ask) => {
      const task = ask.bmc.tasks.get(ask.params[0] ?? '');
      return task === undefined ? undefined : show(task);
    },
  },
  { path: '/TaskService/TaskMonitors/{task}', get: monitor },
];
