import type { Node, NodeAPI } from 'node-red';
import { registerReportRoutes } from '../../src/node-red/admin/routes';
import { sendReports, type ReportDef } from '../../src/node-red/report';

export = (RED: NodeAPI): void => {
  registerReportRoutes(RED);

  function ReportNode(this: Node, def: ReportDef): void {
    RED.nodes.createNode(this, def);
    sendReports(RED, this, def);
  }
  RED.nodes.registerType('active-backup-report', ReportNode);
};
