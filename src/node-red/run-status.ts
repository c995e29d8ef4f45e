import type { Node } from 'node-red';
import type { Task } from '../active-backup/types';
import { progressStatus } from './status';

/** The runs one message follows, as the status under the node counts them. */
export interface MessageRuns {
  /** How far a run is. */
  progress(task: Task): void;
  /** A run has ended. */
  ended(task: Task): void;
  /** The message is done with; may come twice. @returns whether the node follows runs of other messages, which then have the status */
  done(): boolean;
}

/** The runs a node follows now, whichever message asked for them: so that messages do not overwrite each other's status. */
export class RunStatusTracker {
  readonly #node: Node;
  readonly #messages = new Set<{ tasks: Map<number | null, Task>; count: number }>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Counts the runs of one more message. */
  start(tasks: readonly Task[]): MessageRuns {
    const own = { tasks: new Map(tasks.map((task) => [task.id, task])), count: tasks.length };
    this.#messages.add(own);
    return {
      progress: (task) => {
        own.tasks.set(task.id, task);
        this.#show();
      },
      ended: (task) => {
        own.tasks.delete(task.id);
        this.#show();
      },
      done: () => {
        this.#messages.delete(own);
        this.#show();
        return this.#messages.size > 0;
      },
    };
  }

  #show(): void {
    const messages = [...this.#messages];
    const count = messages.reduce((sum, message) => sum + message.count, 0);
    const tasks = messages.flatMap((message) => [...message.tasks.values()]);
    if (count > 0) this.#node.status(progressStatus(tasks, count));
  }
}
