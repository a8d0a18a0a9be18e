import { setPriority } from 'node:os'
import { endWithParent } from '../../main/watchdog.ts'
import { send, serveJobs } from '../../main/worker-program.ts'
import { operations } from './slow-operation.ts'

/** A worker that knows the slow operation alone, and no graphics card. */
if (process.argv.includes('--probe')) {
  console.log(JSON.stringify({ usable: false, quicker: false, reason: 'the tests have none' }))
  process.exit()
}
await endWithParent()
setPriority(5)
process.on('SIGINT', () => {})
serveJobs({
  operations,
  mergedLoras: () => [],
  prepare: async () => () => {
    throw new Error('the slow operation asks for no model')
  },
})
await send({ type: 'ready' })
