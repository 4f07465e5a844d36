// The API's own words, as api/openapi.yaml defines them.
import type { components } from './schema.d.ts';

type Schemas = components['schemas'];

export type Account = Schemas['SignedIn']['accounts'][number];
export type AuditEntry = Schemas['AuditEntry'];
export type AuditChange = AuditEntry['changes'][number];
export type AuditPage = Schemas['AuditPage'];
export type BuildComparison = Schemas['BuildComparison'];
export type BuildDetail = Schemas['BuildDetail'];
export type BuildStep = Schemas['BuildStep'];
export type BuildSummary = Schemas['BuildSummary'];
export type Change = Schemas['Change'];
export type Delivery = Schemas['Delivery'];
export type FlatVersion = Schemas['FlatVersion'];
export type ListedDeployHook = Schemas['ListedDeployHook'];
export type Forge = Schemas['Forge'];
export type LiveVersion = Schemas['LiveVersion'];
export type LogMarks = Schemas['LogMarks'];
export type Limits = Schemas['AccountLimits'];
export type NewSink = Schemas['NewSinkAnswer'];
export type NewTrigger = Schemas['NewTrigger'];
export type Overview = Schemas['Overview'];
export type OverviewWorker = Schemas['OverviewWorker'];
export type Queue = Schemas['BuildQueue'];
export type QueueStrip = Schemas['QueueStrip'];
export type Runner = Schemas['Runner'];
export type SignedIn = Schemas['SignedIn'];
export type Sink = Schemas['Sink'];
export type Trigger = Schemas['Trigger'];
export type TriggerChange = Schemas['TriggerChange'];
export type Variables = Schemas['Variables'];
export type Verdict = Schemas['Verdict'];
export type Version = Schemas['VersionSummary'];
export type VersionComparison = Schemas['VersionComparison'];
export type Waiting = Schemas['Waiting'];
export type Worker = Schemas['Worker'];
