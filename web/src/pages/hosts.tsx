// Source hosts that the account has set up, and what could not be told them.
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../api/client.ts';
import { useLoad } from '../api/load.ts';
import { may } from '../api/session.ts';
import type { Forge } from '../api/types.ts';
import { safeHref } from '../log/links.ts';
import { Command } from '../parts/copy.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Heading } from '../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../parts/problem.tsx';
import { When } from '../parts/when.tsx';
import { buildPath } from '../paths.ts';
import { plain } from '../words/plain.ts';

const NAMES: Record<string, string> = { github: 'GitHub', gitlab: 'GitLab', gitea: 'Gitea or Forgejo', bitbucket: 'Bitbucket', bitbucket_server: 'Bitbucket Server' };

export function HostsPage() {
  const forges = useLoad('forges', () => result(api.GET('/client/v4/accounts/{account_id}/builds/forges', { params: { path: here() } })));
  const failing = useLoad('failing reports', () => result(api.GET('/client/v4/accounts/{account_id}/builds/forge_reports', { params: { path: here() } })), (change) => change.kind === 'build');
  const [deleting, setDeleting] = useState<Forge | null>(null);
  return (
    <>
      <Heading title="Source hosts" above={<a href="/account">Account</a>} />
      <p class="lead">A host that is set up is told of builds: checks or statuses at the commit, a comment at the pull request, buttons to run again.</p>
      {forges.problem && <Problem problem={forges.problem} retry={forges.reload} />}
      {!forges.data && !forges.problem && <Waiting />}
      {forges.data?.length === 0 && <Empty>None is set up yet.</Empty>}
      {forges.data && forges.data.length > 0 && (
        <table class="list">
          <thead><tr><th scope="col">Host</th><th scope="col">Asked as</th><th scope="col">Set up</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{forges.data.map((forge) => {
            const install = safeHref(forge.installation_url);
            return (
              <tr key={forge.forge_uuid}>
                <th scope="row">{NAMES[forge.provider] ?? plain(forge.provider)} <bdi class="dim">{plain(forge.web_url)}</bdi></th>
                <td>{forge.app_id ? <>the App <bdi>{plain(forge.app_slug ?? forge.app_id)}</bdi>{install && <> (<a href={install} target="_blank" rel="noopener noreferrer">its repositories</a>)</>}</> : 'a token'}</td>
                <td><When at={forge.created_on} /></td>
                <td class="end">{may('ci:write') && <button type="button" class="quiet small" onClick={() => setDeleting(forge)}>Forget</button>}</td>
              </tr>
            );
          })}</tbody>
        </table>
      )}
      <section aria-labelledby="add-host">
        <h2 id="add-host">Set one up</h2>
        <p>On the server’s machine; of GitHub the command prints a link that makes an App with one click:</p>
        <Command text="kiln forge add github" />
        <Command text="kiln forge add gitea --url https://git.example.com --token-file token" />
      </section>
      {failing.data && failing.data.length > 0 && (
        <section aria-labelledby="failing">
          <h2 id="failing">What could not be told</h2>
          <table class="list">
            <thead><tr><th scope="col">About</th><th scope="col">Because</th><th scope="col" class="end">Next try</th></tr></thead>
            <tbody>{failing.data.map((one, i) => (
              <tr key={i}><th scope="row">{one.build_uuid ? <a href={buildPath(one.build_uuid)}>a build</a> : `pull request ${one.pull_request ?? ''}`}</th><td><bdi>{plain(one.error)}</bdi></td><td class="end">{one.next_try_on ? <When at={one.next_try_on} /> : <span class="dim">given up until it moves, or <code>kiln forge reports --again</code></span>}</td></tr>
            ))}</tbody>
          </table>
        </section>
      )}
      {deleting && (
        <Confirm title="Forget the host" action="Forget" danger close={() => setDeleting(null)} run={async () => {
          await done(api.DELETE('/client/v4/accounts/{account_id}/builds/forges/{forge_uuid}', { params: { path: { ...here(), forge_uuid: deleting.forge_uuid } } }));
          forges.reload();
        }}><p>{plain(deleting.web_url)} is told of no builds any more. Kiln forgets its secrets; an App at the host stays until you delete it there.</p></Confirm>
      )}
    </>
  );
}
