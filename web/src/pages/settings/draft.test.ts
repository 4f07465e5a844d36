import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Trigger } from '../../api/types.ts';
import { changeOf, draftOf, editsOf, nextBuild } from './draft.ts';

const trigger = {
  trigger_uuid: 't', trigger_name: 'Deploy main', external_script_id: 'x', build_command: 'npm run build', deploy_command: 'npx wrangler deploy',
  root_directory: '/', branch_includes: ['main'], branch_excludes: [], path_includes: ['*'], path_excludes: [], build_caching_enabled: true,
  require_version: false, fork_pull_requests: 'never', build_token_uuid: null, build_token_name: null,
} as unknown as Trigger;

test('nothing is saved of what was not changed', () => {
  const before = draftOf(trigger);
  assert.deepEqual(changeOf(before, { ...before, branch_includes: 'main\n\n' }), {});
  const after = { ...before, build_command: 'make', branch_includes: 'main\nrelease/*', build_caching_enabled: false };
  assert.deepEqual(changeOf(before, after), { build_command: 'make', branch_includes: ['main', 'release/*'], build_caching_enabled: false });
  assert.deepEqual(editsOf(before, after).map((edit) => [edit.label, edit.from, edit.to]),
    [['Build command', 'npm run build', 'make'], ['Branches built', 'main', 'main, release/*'], ['Build cache', 'on', 'off']]);
});

test('the next build is told in sentences', () => {
  const before = draftOf(trigger);
  const said = nextBuild(before, { plain: 1, secret: 2 }).join(' ');
  assert.match(said, /A push to main starts a build\./);
  assert.match(said, /It runs “npm run build”, then “npx wrangler deploy”\./);
  assert.match(said, /3 variables, 2 of them secret/);
  const other = nextBuild({ ...before, branch_includes: '*', branch_excludes: 'main', path_includes: 'src/*', path_excludes: 'docs/*', root_directory: 'apps/web', build_command: '' }, { plain: 0, secret: 0 }).join(' ');
  assert.match(other, /A push to any branch, but not to main, starts a build when it changes a file that matches src\/\* and is not docs\/\*\./);
  assert.match(other, /runs “npx wrangler deploy” in apps\/web, without a build command/);
});
