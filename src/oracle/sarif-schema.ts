// The part of SARIF 2.1.0 (OASIS standard) that we read, as tools write it: unknown fields pass, and a
// field that we need in another type than the standard's makes the log unreadable. -1 is SARIF's word
// for an index that there is not.
import { z } from "zod";

const index = z.int().min(-1).optional();

const messageSchema = z.looseObject({
  text: z.string().optional(),
  markdown: z.string().optional(),
  id: z.string().optional(),
  arguments: z.array(z.string()).optional(),
});
/** A message: a text, or the id of one that the rule holds. */
export type SarifMessage = z.infer<typeof messageSchema>;

const componentReferenceSchema = z.looseObject({
  name: z.string().optional(),
  guid: z.string().optional(),
  index,
});
/** Names a part of the tool, or a taxonomy. */
export type ComponentReference = z.infer<typeof componentReferenceSchema>;

const descriptorReferenceSchema = z.looseObject({
  id: z.string().optional(),
  guid: z.string().optional(),
  index,
  toolComponent: componentReferenceSchema.optional(),
});
/** Names a rule, a notification, or an entry of a taxonomy. */
export type DescriptorReference = z.infer<typeof descriptorReferenceSchema>;

// Tools write `cwe` in every form (a number, a text, a list): what we cannot read there is no error.
const propertiesSchema = z.looseObject({
  tags: z.array(z.string()).optional(),
  cwe: z.unknown().optional(),
});
/** A bag of what the standard does not name. */
export type SarifProperties = z.infer<typeof propertiesSchema>;

const levelSchema = z.enum(["none", "note", "warning", "error"]);
/** How bad the tool says it is; `none` is no weakness. */
export type SarifLevel = z.infer<typeof levelSchema>;

const ruleSchema = z.looseObject({
  id: z.string(),
  guid: z.string().optional(),
  name: z.string().optional(),
  shortDescription: messageSchema.optional(),
  messageStrings: z.record(z.string(), messageSchema).optional(),
  defaultConfiguration: z
    .looseObject({ level: levelSchema.optional(), enabled: z.boolean().optional() })
    .optional(),
  relationships: z.array(z.looseObject({ target: descriptorReferenceSchema })).optional(),
  properties: propertiesSchema.optional(),
});
/** A rule as the tool describes it. */
export type SarifRule = z.infer<typeof ruleSchema>;

const componentSchema = z.looseObject({
  name: z.string(),
  guid: z.string().optional(),
  version: z.string().optional(),
  semanticVersion: z.string().optional(),
  rules: z.array(ruleSchema).optional(),
  taxa: z.array(ruleSchema).optional(),
});
/** The tool, an extension of it (CodeQL's rules are in one), or a taxonomy. */
export type SarifComponent = z.infer<typeof componentSchema>;

const artifactLocationSchema = z.looseObject({
  uri: z.string().optional(),
  uriBaseId: z.string().optional(),
  index,
});
/** Where a file is. */
export type ArtifactLocation = z.infer<typeof artifactLocationSchema>;

const regionSchema = z.looseObject({
  startLine: z.int().min(1).optional(),
  startColumn: z.int().min(1).optional(),
  endLine: z.int().min(1).optional(),
  endColumn: z.int().min(1).optional(),
  charOffset: z.int().min(-1).optional(),
  charLength: z.int().min(0).optional(),
});
/** A span as it stands in the log. */
export type LogRegion = z.infer<typeof regionSchema>;

const locationSchema = z.looseObject({
  physicalLocation: z
    .looseObject({
      artifactLocation: artifactLocationSchema.optional(),
      region: regionSchema.optional(),
    })
    .optional(),
  message: messageSchema.optional(),
});
/** A place in a file. */
export type LogLocation = z.infer<typeof locationSchema>;

const threadFlowSchema = z.looseObject({
  locations: z.array(z.looseObject({ location: locationSchema.optional() })),
});

const suppressionSchema = z.looseObject({
  kind: z.string().optional(),
  status: z.enum(["accepted", "underReview", "rejected"]).optional(),
  justification: z.string().optional(),
});

const resultSchema = z.looseObject({
  ruleId: z.string().optional(),
  ruleIndex: index,
  rule: descriptorReferenceSchema.optional(),
  kind: z.string().optional(),
  level: levelSchema.optional(),
  message: messageSchema.optional(),
  locations: z.array(locationSchema).optional(),
  codeFlows: z.array(z.looseObject({ threadFlows: z.array(threadFlowSchema) })).optional(),
  fingerprints: z.record(z.string(), z.string()).optional(),
  partialFingerprints: z.record(z.string(), z.string()).optional(),
  suppressions: z.array(suppressionSchema).optional(),
  baselineState: z.string().optional(),
  taxa: z.array(descriptorReferenceSchema).optional(),
  properties: propertiesSchema.optional(),
});
/** A result as it stands in the log. */
export type LogResult = z.infer<typeof resultSchema>;

const notificationSchema = z.looseObject({
  level: levelSchema.optional(),
  message: messageSchema.optional(),
  descriptor: descriptorReferenceSchema.optional(),
  locations: z.array(locationSchema).optional(),
});
/** What the tool says of its own work. */
export type LogNotification = z.infer<typeof notificationSchema>;

const invocationSchema = z.looseObject({
  executionSuccessful: z.boolean().optional(),
  toolExecutionNotifications: z.array(notificationSchema).optional(),
  toolConfigurationNotifications: z.array(notificationSchema).optional(),
});

const runSchema = z.looseObject({
  tool: z.looseObject({
    driver: componentSchema,
    extensions: z.array(componentSchema).optional(),
  }),
  taxonomies: z.array(componentSchema).optional(),
  originalUriBaseIds: z.record(z.string(), artifactLocationSchema).optional(),
  artifacts: z.array(z.looseObject({ location: artifactLocationSchema.optional() })).optional(),
  columnKind: z.enum(["utf16CodeUnits", "unicodeCodePoints"]).optional(),
  invocations: z.array(invocationSchema).optional(),
  // Null or absent: the tool did not get as far as having results.
  results: z.array(resultSchema).nullish(),
});
/** One run of a tool as it stands in the log. */
export type LogRun = z.infer<typeof runSchema>;

/** Zod door for a SARIF log. */
export const sarifLogSchema = z.looseObject({ version: z.literal("2.1.0"), runs: z.array(runSchema) });
