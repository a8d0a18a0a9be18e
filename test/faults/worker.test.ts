import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { longStep, request } from './page.ts'
import { engineHere, eventually, heldToTime, isAlive, jobIn, rounds, temporaryHome, timed, until } from './studio.ts'

const quick = request({ steps: 3 })

test(
  'cancelling in the middle of a long step gives control back within 300 ms, and the next job is drawn',
  heldToTime,
  async () => {
    const { client, ...engine } = await engineHere()
    await jobIn(client, (await client.jobs.submit(quick)).id, 'done')
    for (let round = 0; round < rounds(2); round++) {
      const job = await client.jobs.submit(longStep)
      await jobIn(client, job.id, 'running')
      await new Promise(resolve => setTimeout(resolve, 100))
      const next = await client.jobs.submit(quick)
      expect(await timed(() => client.jobs.cancel({ id: job.id }))).toBeLessThan(300)
      expect((await client.jobs.list()).find(found => found.id === job.id)).toMatchObject({
        state: 'cancelled',
        images: [],
      })
      expect(await timed(() => jobIn(client, next.id, 'done'))).toBeLessThan(3000)
    }
    await engine.close()
  },
)

test('between short steps a cancel leaves the worker as it is', heldToTime, async () => {
  const engine = await engineHere()
  const { client } = engine
  const events = await client.system.events()
  const job = await client.jobs.submit(request({ steps: 1000, milliseconds: 10 }))
  await until(events, event => event.type === 'progress' && event.progress.step >= 3)
  const { workerPid } = engine
  expect(await timed(() => client.jobs.cancel({ id: job.id }))).toBeLessThan(300)
  expect(await jobIn(client, job.id, 'cancelled')).not.toHaveProperty('problem')
  await jobIn(client, (await client.jobs.submit(quick)).id, 'done')
  expect(engine.workerPid).toBe(workerPid)
})

test('cancelling before the worker is there, and twice, and what has ended', heldToTime, async () => {
  const { client } = await engineHere()
  const [first, second] = [await client.jobs.submit(longStep), await client.jobs.submit(quick)]
  expect(await timed(() => client.jobs.cancel({ id: first.id }))).toBeLessThan(300)
  expect((await client.jobs.cancel({ id: first.id })).state).toBe('cancelled')
  await jobIn(client, second.id, 'done')
  expect((await client.jobs.cancel({ id: second.id })).state).toBe('done')
})

test(
  'a worker that is killed interrupts its job with a sentence; all is back and the queue goes on within 3 s',
  heldToTime,
  async () => {
    const engine = await engineHere()
    const { client } = engine
    for (let round = 0; round < rounds(2); round++) {
      const events = await client.system.events()
      const job = await client.jobs.submit(request({ steps: 9, milliseconds: 200 }))
      const next = await client.jobs.submit(quick)
      await until(events, event => event.type === 'progress' && event.jobId === job.id && event.progress.step >= 2)
      const pid = engine.workerPid ?? expect.unreachable()
      process.kill(pid, 'SIGKILL')
      const took = await timed(() => jobIn(client, next.id, 'done'))
      expect(took).toBeLessThan(3000)
      const interrupted = await jobIn(client, job.id, 'interrupted')
      expect(interrupted.problem?.message).toMatch(
        /^The engine stopped and is back\. Your picture was at step \d of 9\.$/,
      )
      expect(interrupted.problem?.code).toBe('WORKER_KILLED')
      expect(isAlive(pid)).toBe(false)
      const again = await client.jobs.runAgain({ id: job.id })
      await jobIn(client, again.id, 'done')
    }
  },
)

test('a native crash is the same, and says what it was', async () => {
  const { client } = await engineHere()
  const job = await client.jobs.submit(request({ steps: 3, kind: 'crashes' }))
  const next = await client.jobs.submit(quick)
  expect((await jobIn(client, job.id, 'interrupted')).problem).toEqual({
    code: 'WORKER_CRASHED',
    message: 'The engine stopped and is back. Your picture was at step 1 of 3.',
    hint: 'Run it again.',
  })
  await jobIn(client, next.id, 'done')
})

test('a worker that cannot even start fails the job with its reason, and the engine stays', async () => {
  const worker = join(temporaryHome(), 'broken.mjs')
  writeFileSync(worker, `console.error('libonnxruntime.so is missing'); process.exit(1)`)
  const { client } = await engineHere({ worker })
  const job = await client.jobs.submit(quick)
  const failed = await jobIn(client, job.id, 'failed', 20_000)
  expect(failed.problem).toMatchObject({
    code: 'WORKER_CANNOT_START',
    message: expect.stringContaining('libonnxruntime.so'),
  })
  expect((await client.images.list({})).total).toBe(0)
})

test('previews are made only while somebody looks, and at most eight a second', heldToTime, async () => {
  const { client } = await engineHere()
  const slow = request({ steps: 100, milliseconds: 10 })
  await jobIn(client, (await client.jobs.submit(slow)).id, 'done')
  const events = await client.system.events()
  const job = await client.jobs.submit(slow)
  const start = performance.now()
  const seen = await until(events, event => event.type === 'job' && event.job.state === 'done')
  const seconds = (performance.now() - start) / 1000
  const previews = seen.filter(event => event.type === 'progress' && event.progress.previews)
  expect(previews.length).toBeGreaterThan(2)
  expect(previews.length).toBeLessThanOrEqual(seconds * 8 + 2)
  expect(previews[0]).toMatchObject({
    jobId: job.id,
    progress: { previews: [expect.stringMatching(/^data:image\/png;base64,iVBOR/)] },
  })
})

test('no process is left when an engine is closed in the middle of a long step', heldToTime, async () => {
  const engine = await engineHere()
  const { client } = engine
  const job = await client.jobs.submit(longStep)
  await jobIn(client, job.id, 'running')
  const pid = await eventually(2000, () => engine.workerPid)
  await engine.close()
  await eventually(2000, () => !isAlive(pid) || undefined)
})
