// A trigger as a form holds it, what was changed in it, and what the next build will do. Pure.
import type { NewTrigger, Trigger, TriggerChange } from '../../api/types.ts';
import { plural } from '../../words/plain.ts';

export interface Draft {
  trigger_name: string;
  build_command: string;
  deploy_command: string;
  root_directory: string;
  branch_includes: string; // one a line
  branch_excludes: string;
  path_includes: string;
  path_excludes: string;
  build_caching_enabled: boolean;
  require_version: boolean;
  report_path_skips: boolean;
  fork_pull_requests: Trigger['fork_pull_requests'];
  build_token_uuid: string; // empty: none
}

const LISTS = ['branch_includes', 'branch_excludes', 'path_includes', 'path_excludes'] as const;
const TEXTS = ['trigger_name', 'build_command', 'deploy_command', 'root_directory'] as const;

export const LABELS: Record<keyof Draft, string> = {
  trigger_name: 'Name', build_command: 'Build command', deploy_command: 'Deploy command', root_directory: 'Root directory',
  branch_includes: 'Branches built', branch_excludes: 'Branches left out', path_includes: 'Paths watched', path_excludes: 'Paths not watched',
  build_caching_enabled: 'Build cache', require_version: 'A version is required', report_path_skips: 'Pushes that the paths pass over', fork_pull_requests: 'Pull requests from forks', build_token_uuid: 'Build token',
};

export function draftOf(trigger: Trigger): Draft {
  const lines = (words: readonly string[]): string => words.join('\n');
  return {
    trigger_name: trigger.trigger_name, build_command: trigger.build_command, deploy_command: trigger.deploy_command, root_directory: trigger.root_directory,
    branch_includes: lines(trigger.branch_includes), branch_excludes: lines(trigger.branch_excludes), path_includes: lines(trigger.path_includes),
    path_excludes: lines(trigger.path_excludes), build_caching_enabled: trigger.build_caching_enabled, require_version: trigger.require_version, report_path_skips: trigger.report_path_skips,
    fork_pull_requests: trigger.fork_pull_requests, build_token_uuid: trigger.build_token_uuid ?? '',
  };
}

export const listed = (lines: string): string[] => lines.split('\n').map((line) => line.trim()).filter(Boolean);

export interface Edit {
  label: string;
  from: string;
  to: string;
}

const said = (value: string | boolean): string => (typeof value === 'boolean' ? (value ? 'on' : 'off') : value.replaceAll('_', ' '));

function isSame(field: keyof Draft, before: Draft, after: Draft): boolean {
  const list = LISTS.find((one) => one === field);
  return list ? listed(before[list]).join('\n') === listed(after[list]).join('\n') : before[field] === after[field];
}

const FIELDS = Object.keys(LABELS) as Array<keyof Draft>;

export function editsOf(before: Draft, after: Draft): Edit[] {
  return FIELDS.filter((field) => !isSame(field, before, after)).map((field) => {
    const list = LISTS.find((one) => one === field);
    const show = (draft: Draft): string => (list ? listed(draft[list]).join(', ') : typeof draft[field] === 'string' && (TEXTS as readonly string[]).includes(field) ? String(draft[field]) : said(draft[field]));
    return { label: LABELS[field], from: show(before) || 'none', to: show(after) || 'none' };
  });
}

// The fields that were changed, as the API takes them.
export function changeOf(before: Draft, after: Draft): TriggerChange {
  const change: TriggerChange = {};
  for (const field of TEXTS) if (!isSame(field, before, after)) change[field] = after[field];
  for (const field of LISTS) if (!isSame(field, before, after)) change[field] = listed(after[field]);
  if (!isSame('build_caching_enabled', before, after)) change.build_caching_enabled = after.build_caching_enabled;
  if (!isSame('require_version', before, after)) change.require_version = after.require_version;
  if (!isSame('report_path_skips', before, after)) change.report_path_skips = after.report_path_skips;
  if (!isSame('fork_pull_requests', before, after)) change.fork_pull_requests = after.fork_pull_requests;
  if (!isSame('build_token_uuid', before, after)) change.build_token_uuid = after.build_token_uuid || null;
  return change;
}

// Another trigger of the same Worker and repository.
export function newTrigger(like: Trigger, draft: Draft): NewTrigger {
  return {
    external_script_id: like.external_script_id, repo_connection_uuid: like.repo_connection.repo_connection_uuid,
    trigger_name: draft.trigger_name, build_command: draft.build_command, deploy_command: draft.deploy_command, root_directory: draft.root_directory,
    branch_includes: listed(draft.branch_includes), branch_excludes: listed(draft.branch_excludes), path_includes: listed(draft.path_includes),
    path_excludes: listed(draft.path_excludes), build_caching_enabled: draft.build_caching_enabled, require_version: draft.require_version, report_path_skips: draft.report_path_skips,
    fork_pull_requests: draft.fork_pull_requests, ...(draft.build_token_uuid ? { build_token_uuid: draft.build_token_uuid } : {}),
  };
}

// What the next push will lead to, sentence by sentence.
export function nextBuild(draft: Draft, variables: { plain: number; secret: number }): string[] {
  const branches = listed(draft.branch_includes);
  const without = listed(draft.branch_excludes);
  const paths = listed(draft.path_includes);
  const notPaths = listed(draft.path_excludes);
  const everyPath = paths.length === 0 || paths.includes('*');
  const sentences = [
    branches.length
      ? `A push to ${branches.includes('*') ? 'any branch' : either(branches)}${without.length ? `, but not to ${either(without)},` : ''} starts a build${everyPath && !notPaths.length ? '' : ` when it changes a file that ${everyPath ? 'is' : `matches ${either(paths)}`}${notPaths.length ? `${everyPath ? '' : ' and is'} not ${either(notPaths)}` : ''}`}.`
      : 'No push starts a build: no branch is named.',
  ];
  const where = draft.root_directory && draft.root_directory !== '/' ? ` in ${draft.root_directory}` : '';
  sentences.push(draft.build_command ? `It runs “${draft.build_command}”${where}, then “${draft.deploy_command}”.` : `It runs “${draft.deploy_command}”${where}, without a build command.`);
  const count = variables.plain + variables.secret;
  if (count) sentences.push(`Its commands see ${plural(count, 'variable')}${variables.secret ? `, ${variables.secret} of them secret` : ''}.`);
  sentences.push(draft.build_caching_enabled ? 'Dependencies and output are cached between builds.' : 'Nothing is cached between builds.');
  if (draft.require_version) sentences.push('It fails when its deploy command uploads no version.');
  const forks = { never: 'Pull requests from forks are not built.', approve: 'Each commit of a fork’s pull request waits to be approved, is then built without secrets, and not deployed.', without_secrets: 'Pull requests from forks are built without secrets, and not deployed.', with_secrets: 'Pull requests from forks are built with every secret: whoever opens one can read them.' };
  sentences.push(forks[draft.fork_pull_requests]);
  return sentences;
}

function either(words: readonly string[]): string {
  if (words.length < 2) return words[0] ?? '';
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
