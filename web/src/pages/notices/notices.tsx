// Who is told what happens to builds: sinks (webhooks, chats, mail), and whether they could be told.
import { useState } from 'preact/hooks';
import { api, done, here, result } from '../../api/client.ts';
import { asApiError } from '../../api/errors.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import type { NewSink, Sink } from '../../api/types.ts';
import { Confirm } from '../../parts/confirm.tsx';
import { Heading } from '../../parts/heading.tsx';
import { Icon } from '../../parts/icon.tsx';
import { notice } from '../../parts/notices.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { ShownOnce } from '../../parts/shown_once.tsx';
import { plain } from '../../words/plain.ts';
import { AddSink } from './add_sink.tsx';
import { Deliveries } from './deliveries.tsx';
import { KINDS, toldWords } from './words.ts';

type Asked = { kind: 'add' } | { kind: 'secret'; sink: NewSink } | { kind: 'delete' | 'rotate' | 'deliveries'; sink: Sink } | null;

export function NoticesPage() {
  const sinks = useLoad('sinks', () => result(api.GET('/client/v4/accounts/{account_id}/builds/sinks', { params: { path: here() } })));
  const [asked, setAsked] = useState<Asked>(null);
  const close = (): void => setAsked(null);
  const at = (sink: Sink) => ({ params: { path: { ...here(), sink_uuid: sink.sink_uuid } } });
  const act = async (run: () => Promise<void>, words: string): Promise<void> => {
    try {
      await run();
      notice('good', words);
    } catch (refused) {
      notice('bad', asApiError(refused).message);
    }
    sinks.reload();
  };
  const test = (sink: Sink): Promise<void> => act(() => done(api.POST('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}/test', at(sink))), `A test is on its way to ${plain(sink.name)}`);
  const turn = (sink: Sink): Promise<void> => act(() => done(api.PATCH('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}', { ...at(sink), body: { enabled: !sink.enabled } })), `${plain(sink.name)} is ${sink.enabled ? 'off' : 'on'}`);
  return (
    <>
      <Heading title="Notices" above={<a href="/account">Account</a>} actions={may('ci:write') && <button type="button" class="main" onClick={() => setAsked({ kind: 'add' })}><Icon name="plus" />Add</button>} />
      <p class="lead">Webhooks, chats and mail that are told what happens to builds. Source hosts are told by themselves; notices of your own browser stand at each build.</p>
      {sinks.problem && <Problem problem={sinks.problem} retry={sinks.reload} />}
      {!sinks.data && !sinks.problem && <Waiting />}
      {sinks.data?.length === 0 && <Empty>Nobody is told yet.</Empty>}
      {sinks.data && sinks.data.length > 0 && (
        <table class="list">
          <thead><tr><th scope="col">Name</th><th scope="col">Where</th><th scope="col">What</th><th scope="col">State</th><th scope="col" class="end"><span class="unseen">Act</span></th></tr></thead>
          <tbody>{sinks.data.map((sink) => (
            <tr key={sink.sink_uuid}>
              <th scope="row"><bdi>{plain(sink.name)}</bdi></th>
              <td>{KINDS[sink.kind]} <bdi class="dim">{plain(sink.place)}</bdi></td>
              <td>{toldWords(sink)}</td>
              <td>{sink.enabled
                ? <span class="state good"><Icon name="tick" /><span>on</span></span>
                : <span class="state warn"><Icon name="stop" /><span>off{sink.off_reason ? `: ${plain(sink.off_reason)}` : ''}</span></span>}</td>
              <td class="end">
                <button type="button" class="quiet small" onClick={() => setAsked({ kind: 'deliveries', sink })}>What was sent</button>
                {may('ci:write') && (
                  <>
                    {sink.enabled && <button type="button" class="quiet small" onClick={() => void test(sink)}>Test</button>}
                    <button type="button" class="quiet small" onClick={() => void turn(sink)}>{sink.enabled ? 'Turn off' : 'Turn on'}</button>
                    {sink.kind === 'webhook' && <button type="button" class="quiet small" onClick={() => setAsked({ kind: 'rotate', sink })}>New secret</button>}
                    <button type="button" class="quiet small" aria-label={`Delete ${plain(sink.name)}`} onClick={() => setAsked({ kind: 'delete', sink })}>Delete</button>
                  </>
                )}
              </td>
            </tr>
          ))}</tbody>
        </table>
      )}
      {asked?.kind === 'add' && <AddSink close={close} made={(sink) => { sinks.reload(); setAsked(sink.secret ? { kind: 'secret', sink } : null); }} />}
      {asked?.kind === 'secret' && <ShownOnce title={`The secret of ${plain(asked.sink.name)}`} what="the signing secret" text={asked.sink.secret ?? ''} close={close} />}
      {asked?.kind === 'deliveries' && <Deliveries sink={asked.sink} close={close} />}
      {asked?.kind === 'rotate' && (
        <Confirm title="Make a new secret" action="Make it" close={close} run={async () => {
          const sink = await result(api.POST('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}/rotate', at(asked.sink)));
          setTimeout(() => setAsked({ kind: 'secret', sink }), 0); // after this dialog has closed
        }}><p>What is sent is signed by both secrets for a day, and then by the new one alone.</p></Confirm>
      )}
      {asked?.kind === 'delete' && (
        <Confirm title="Delete the sink" action="Delete" danger close={close} run={async () => {
          await done(api.DELETE('/client/v4/accounts/{account_id}/builds/sinks/{sink_uuid}', at(asked.sink)));
          sinks.reload();
        }}><p>“{plain(asked.sink.name)}” is told nothing any more, and what was sent to it is forgotten.</p></Confirm>
      )}
    </>
  );
}
