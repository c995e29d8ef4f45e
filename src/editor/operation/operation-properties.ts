import type { Method } from '../../active-backup/methods';
import { shared } from '../form/texts';
import { chosenMethod, filledParameters, offeredOperation } from '../form/validators';

/** The property every node has that talks to a NAS: which one. */
export function nasProperty(): EditorProperty {
  return { value: '', type: 'active-backup-nas', required: true, label: shared('common.label.nas') };
}

/** `operation` of a node that offers these methods (INTERFACE 2.2). @param preset of a new node, and of one without any */
export function operationProperty(methods: readonly Method[], preset: string): EditorProperty {
  return { value: preset, label: shared('common.label.operation'), validate: offeredOperation(methods) };
}

/** `params` of a node that offers these methods (INTERFACE 2.2). */
export function paramsProperty(methods: readonly Method[], preset: string): EditorProperty {
  return { value: {}, validate: filledParameters((node) => chosenMethod(methods, preset, node)) };
}
