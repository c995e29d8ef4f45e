import { BIRTH_TOPIC, configFilter, type Topics } from '../home-assistant/topics';
import type { BridgeSettings } from './types';

/** Topics that a bridge subscribes to. */
export interface TopicSubscription {
  readonly filters: readonly string[];
  /** The consequence if the broker refuses the subscription, as the end of a sentence: `commands do not arrive`. */
  readonly ifDenied: string;
}

/** The subscriptions of a bridge, the most important first. */
export function subscriptionsOf(
  { discovery, discoveryPrefix }: Pick<BridgeSettings, 'discovery' | 'discoveryPrefix'>,
  { commands }: Pick<Topics, 'commands'>,
): TopicSubscription[] {
  const toCommands = { filters: commands, ifDenied: 'commands do not arrive' };
  if (!discovery) return [toCommands];
  return [
    toCommands,
    { filters: [...birthTopicsOf(discoveryPrefix)], ifDenied: 'a start of Home Assistant is not noticed' },
    { filters: [configFilter(discoveryPrefix)], ifDenied: 'devices removed in Home Assistant come back' },
  ];
}

/** Topics of Home Assistant's birth message: the default, and the one below a discovery prefix. */
export function birthTopicsOf(discoveryPrefix: string): ReadonlySet<string> {
  return new Set([BIRTH_TOPIC, `${discoveryPrefix}/status`]);
}
