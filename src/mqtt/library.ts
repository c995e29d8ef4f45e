import type * as Mqtt from 'mqtt';

/**
 * MQTT.js, loaded by the first connection and not when Node-RED loads the palette: a palette without a broker does not need
 * it. `require`, because the functions that open a connection are synchronous, which `import()` is not.
 */
export function loadMqtt(): typeof Mqtt {
  return require('mqtt') as typeof Mqtt;
}
