// Includes the packaged SAM template, so that there is one description of the system and not two.
import { App, Stack, type StackProps } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { existsSync } from "node:fs";
import { join } from "node:path";

// `sam package` writes it: functions' code and images uploaded, their addresses filled in.
const packaged = join(__dirname, "..", "..", "packaged.json");

class HeatersStack extends Stack {
  constructor(app: App, name: string, props?: StackProps) {
    super(app, name, props);
    if (!existsSync(packaged)) {
      throw new Error(`There is no ${packaged}. Make it as the README of infra/cdk says.`);
    }
    this.addTransform("AWS::Serverless-2016-10-31");
    new CfnInclude(this, "Heaters", { templateFile: packaged, preserveLogicalIds: true });
  }
}

const app = new App();
new HeatersStack(app, app.node.tryGetContext("stack") ?? "heaters", {
  env: { account: process.env.CDK_DEFAULT_ACCOUNT, region: process.env.CDK_DEFAULT_REGION },
});
