import { setTimeout as sleep } from 'node:timers/promises'
import { startEngine } from '../../main/engine-process.ts'
import { clientOver, longStep, models, slowEngine, workerOf } from './page.ts'

/** What stands where the app's own process would: starts an engine, begins a long job, and says who is who. */
const [, , home = ''] = process.argv
const engine = startEngine({
  node: process.execPath,
  entry: slowEngine,
  home,
  models,
  log: line => console.error(line),
})
const client = clientOver(engine.openChannel())
const { id } = await client.jobs.submit(longStep)
while (!(await client.jobs.list()).some(job => job.id === id && job.state === 'running')) await sleep(10)
// Time to be in the middle of the step.
await sleep(500)
console.log(JSON.stringify({ engine: engine.pid, worker: workerOf(engine.pid ?? 0) }))
