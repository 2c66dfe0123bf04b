// The codemods, tried in this order for a finding of one of their weaknesses.
import type { Codemod } from "../rewrite.ts";
import { argumentListCodemod } from "./argument-list.ts";
import { cookieFlags } from "./cookie-flags.ts";
import { deserialization } from "./deserialization.ts";
import { directoryFilter } from "./directory-filter.ts";
import { exceptionMessage } from "./exception-message.ts";
import { patternText, xpathVariables } from "./expression-variables.ts";
import { hostCheck } from "./host-compare.ts";
import { htmlEscape } from "./html-escape.ts";
import { forgeryProtection, remoteCommand, requestTarget, slowPattern } from "./left-to-design.ts";
import { literalEvaluation } from "./literal-evaluation.ts";
import { logNewlines } from "./log-newlines.ts";
import { markupFilter } from "./markup-filter.ts";
import { pathContainment } from "./path-containment.ts";
import { queryParameters } from "./query-parameters.ts";
import { redirectTarget } from "./redirect-target.ts";
import { brokenCipher, environmentSecret, maskedLog } from "./secrets.ts";
import { currentProtocol, debuggerOff, ownerOnly, temporaryFile, trustChecks } from "./settings.ts";
import { longKey, strongHash } from "./strength.ts";
import { templateContext } from "./template-context.ts";
import { xmlEntities } from "./xml-entities.ts";

/** See the file's head. */
export const codemods: readonly Codemod[] = [
  argumentListCodemod,
  pathContainment,
  templateContext,
  htmlEscape,
  logNewlines,
  deserialization,
  xmlEntities,
  literalEvaluation,
  hostCheck,
  queryParameters,
  redirectTarget,
  exceptionMessage,
  xpathVariables,
  patternText,
  trustChecks,
  ownerOnly,
  debuggerOff,
  currentProtocol,
  temporaryFile,
  cookieFlags,
  environmentSecret,
  maskedLog,
  strongHash,
  longKey,
  brokenCipher,
  markupFilter,
  directoryFilter,
  remoteCommand,
  requestTarget,
  slowPattern,
  forgeryProtection,
];
