import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { clientOver, longStep, request, workerOf } from './page.ts'
import { engineApart, eventually, heldToTime, isAlive, jobIn, rounds, temporaryHome, timed } from './studio.ts'

/** Who the children of a process are is read from /proc. */
const onLinux = test.runIf(process.platform === 'linux')

const gone = (pid: number, patience: number) => eventually(patience, () => !isAlive(pid) || undefined)

onLinux(
  'an engine that is killed in the middle of a long step: no child is left, it is back, the job can be run again',
  heldToTime,
  async () => {
    const { engine, log } = engineApart()
    for (let round = 0; round < rounds(2); round++) {
      const client = clientOver(engine.openChannel())
      const job = await client.jobs.submit(longStep)
      await jobIn(client, job.id, 'running')
      const pid = engine.pid ?? expect.unreachable()
      const worker = await eventually(3000, () => workerOf(pid))
      await new Promise(resolve => setTimeout(resolve, 300))

      const closed = new Promise<void>(resolve => engine.openChannel().onClose(resolve))
      const states: string[] = []
      const forget = engine.onState(state => states.push(state))
      process.kill(pid, 'SIGKILL')
      const back = await timed(() =>
        eventually(3000, () => (states.at(-1) === 'ready' && states.length > 1) || undefined),
      )
      expect(back).toBeLessThan(3000)
      expect(states).toEqual(['ready', 'restarting', 'ready'])
      await closed
      await gone(worker, Math.max(1, 2000 - back))
      forget()

      const page = clientOver(engine.openChannel())
      const interrupted = await jobIn(page, job.id, 'interrupted')
      expect(interrupted.problem).toMatchObject({ code: 'ENGINE_ENDED', hint: 'Run it again.' })
      const again = await page.jobs.runAgain({ id: job.id })
      await jobIn(page, again.id, 'running')
      await page.jobs.cancel({ id: again.id })
      await jobIn(page, (await page.jobs.submit(request({}))).id, 'done')
    }
    expect(log.filter(line => line.includes('is damaged'))).toEqual([])
  },
)

onLinux(
  'when the parent of all is killed in the middle of a long step, nobody is left after 2 s',
  heldToTime,
  async () => {
    for (let round = 0; round < rounds(2); round++) {
      const script = fileURLToPath(new URL('parent-program.ts', import.meta.url))
      const parent = spawn(process.execPath, [script, temporaryHome()], { stdio: ['ignore', 'pipe', 'inherit'] })
      onTestFinished(() => void parent.kill('SIGKILL'))
      const [line] = await once(parent.stdout, 'data')
      const { engine, worker } = JSON.parse(String(line))
      expect([isAlive(engine), isAlive(worker)]).toEqual([true, true])
      parent.kill('SIGKILL')
      const took = await timed(() => Promise.all([gone(engine, 2000), gone(worker, 2000)]))
      expect(took).toBeLessThan(2000)
    }
  },
)

onLinux(
  'stopping in the middle of a long step leaves nobody, and the job is there afterwards',
  heldToTime,
  async () => {
    const home = temporaryHome()
    const { engine } = engineApart(home)
    const client = clientOver(engine.openChannel())
    const job = await client.jobs.submit(longStep)
    const waiting = await client.jobs.submit(request({}))
    await jobIn(client, job.id, 'running')
    const pid = engine.pid ?? expect.unreachable()
    const worker = await eventually(3000, () => workerOf(pid))
    expect(await timed(() => engine.stop())).toBeLessThan(2000)
    await Promise.all([gone(pid, 100), gone(worker, 1000)])

    const next = clientOver(engineApart(home).engine.openChannel())
    expect((await jobIn(next, job.id, 'interrupted')).problem?.code).toBe('ENGINE_CLOSED')
    await jobIn(next, waiting.id, 'done')
  },
)
