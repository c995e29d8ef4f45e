import type { Node } from 'node-red';
import type { Task } from '../active-backup/types';
import { progressStatus } from './status';

/** The backups that one message waits for. */
export interface MessageRuns {
  /** Updates the progress of a backup. */
  progress(task: Task): void;
  /** Marks a backup as finished. */
  ended(task: Task): void;
  /** Removes the message; may be called twice. @returns whether the node still waits for backups of other messages, whose status stays */
  done(): boolean;
}

/** Shows under a node the progress of all backups that its messages wait for, so that messages do not overwrite each other's status. */
export class RunStatusTracker {
  readonly #node: Node;
  readonly #messages = new Set<{ tasks: Map<number | null, Task>; count: number }>();

  constructor(node: Node) {
    this.#node = node;
  }

  /** Adds the backups of one message. */
  start(tasks: readonly Task[]): MessageRuns {
    const runs = { tasks: new Map(tasks.map((task) => [task.id, task])), count: tasks.length };
    this.#messages.add(runs);
    return {
      progress: (task) => {
        runs.tasks.set(task.id, task);
        this.#update();
      },
      ended: (task) => {
        runs.tasks.delete(task.id);
        this.#update();
      },
      done: () => {
        this.#messages.delete(runs);
        this.#update();
        return this.#messages.size > 0;
      },
    };
  }

  #update(): void {
    const messages = [...this.#messages];
    const count = messages.reduce((sum, message) => sum + message.count, 0);
    const tasks = messages.flatMap((message) => [...message.tasks.values()]);
    if (count > 0) this.#node.status(progressStatus(tasks, count));
  }
}
