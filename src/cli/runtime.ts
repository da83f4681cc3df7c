/** What commands load to start containers, at once: help, completion and flag errors do without. */
export { planExec, planShell } from "../plan/planOneOff.ts";
export { findEngine } from "../run/findEngine.ts";
export { findTarget } from "../run/findTarget.ts";
export { imageAsThen } from "../run/imageAsThen.ts";
export { observe } from "../run/observe.ts";
export { newTransactionId } from "../transactions/transaction.ts";
export { readActionInputs, readRecordedInputs, refuseInputs } from "./actionInputs.ts";
export { chooseTarget } from "./chooseTarget.ts";
export { openWithSecrets, openWorkspace } from "./openWorkspace.ts";
export { openReaders } from "./output/openReaders.ts";
export { readRunOptions } from "./readRunOptions.ts";
export { describeRerun, readRerun } from "./rerun.ts";
export { runChosenAction } from "./runChosenAction.ts";
export { runChosenWorkflow } from "./runChosenWorkflow.ts";
export { runOrPrint } from "./runOrPrint.ts";
