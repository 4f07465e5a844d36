// Everything that can be set of a Worker.
import { useRoute } from 'preact-iso';
import { api, here, result } from '../../api/client.ts';
import { useLoad } from '../../api/load.ts';
import { may } from '../../api/session.ts';
import { Heading } from '../../parts/heading.tsx';
import { Empty, Problem, Waiting } from '../../parts/problem.tsx';
import { Command } from '../../parts/copy.tsx';
import { connectPath, workerPath } from '../../paths.ts';
import { Tester } from '../pushes/tester.tsx';
import { useWorkers } from '../use_workers.ts';
import { Addresses } from './addresses.tsx';
import { WorkerBadge } from './badge.tsx';
import { DeployHooks } from './deploy_hooks.tsx';
import { Farewell } from './farewell.tsx';
import { Repositories } from './repository.tsx';
import { Schedules } from './schedules.tsx';
import { WorkerSecrets } from './secrets.tsx';
import { TriggerForm } from './trigger_form.tsx';

export function SettingsPage() {
  const name = useRoute().params['name'] ?? '';
  const workers = useWorkers();
  const worker = workers.find((one) => one.worker_name === name);
  const tag = worker?.script_tag;
  const triggers = useLoad(tag ? `triggers ${tag}` : null, () => result(api.GET('/client/v4/accounts/{account_id}/builds/workers/{external_script_id}/triggers', { params: { path: { ...here(), external_script_id: tag ?? '' } } })));
  return (
    <>
      <Heading title={`Settings of ${name}`} above={<><a href="/">Workers</a> <a href={workerPath(name)}>{name}</a></>} />
      {!worker && <Waiting lines={8} />}
      {worker && (
        <>
          <section aria-labelledby="triggers">
            <h2 id="triggers">Builds</h2>
            {triggers.problem && <Problem problem={triggers.problem} retry={triggers.reload} />}
            {triggers.data?.length === 0 && <><Empty>No repository is connected. {may('ci:write') ? <><a href={connectPath(name)}>Connect one</a>, or by the command line:</> : 'Somebody who may change builds connects one, here or by the command line:'}</Empty><Command text={`kiln connect REPOSITORY --worker ${name}`} /></>}
            {triggers.data?.map((trigger, place) => <TriggerForm key={trigger.trigger_uuid} trigger={trigger} isOpen={place === 0} changed={triggers.reload} />)}
          </section>
          <Repositories name={name} />
          {worker.connected && <Tester tag={worker.script_tag} workers={workers} />}
          <DeployHooks name={name} />
          <WorkerBadge name={name} />
          <WorkerSecrets name={name} />
          <Addresses name={name} />
          <Schedules name={name} />
          <Farewell worker={worker} triggers={triggers.data ?? []} changed={triggers.reload} />
        </>
      )}
    </>
  );
}
