import { expect, test } from 'vitest'
import type { StudioEvent } from '../app/api/contract.ts'
import type { Image, Job } from '../app/library/records.ts'
import { EventHub } from './event-hub.ts'

const job = (id: string, state: Job['state']): StudioEvent => ({
  type: 'job',
  job: { id, state, operation: 'o', model: 'm', parameters: {}, position: 1, createdAt: 0, images: [] },
})
const progress = (jobId: string, step: number, previews?: string[]): StudioEvent => ({
  type: 'progress',
  jobId,
  progress: { phase: '', step, total: 9, ...(previews && { previews }) },
})
const image = (id: string): Image => ({ id, hash: 'h', width: 1, height: 1, createdAt: 0, starred: false, index: 0 })

async function take(events: AsyncGenerator<StudioEvent, void>, count: number): Promise<StudioEvent[]> {
  const taken: StudioEvent[] = []
  for (let n = 0; n < count; n++) {
    const next = await events.next()
    if (next.done) break
    taken.push(next.value)
  }
  return taken
}

test('a listener hears what happens after it came, in order', async () => {
  const hub = new EventHub()
  hub.emit(job('before', 'waiting'))
  const events = hub.listen()
  hub.emit(job('a', 'running'))
  hub.emit(progress('a', 1))
  hub.emit(job('b', 'waiting'))
  expect(await take(events, 3)).toEqual([job('a', 'running'), progress('a', 1), job('b', 'waiting')])
  const waiting = events.next()
  hub.emit({ type: 'queue', paused: true })
  expect((await waiting).value).toEqual({ type: 'queue', paused: true })
})

test('of what was overtaken only the newest is kept, and no progress comes after the end', async () => {
  const hub = new EventHub()
  const events = hub.listen()
  hub.emit(job('a', 'running'))
  for (let step = 1; step < 10_000; step++) hub.emit(progress('a', step, step === 5000 ? ['preview'] : undefined))
  expect(await take(events, 2)).toEqual([job('a', 'running'), progress('a', 9999, ['preview'])])
  hub.emit(progress('a', 10_000))
  hub.emit(job('a', 'done'))
  hub.emit({ type: 'images', added: [image('1')] })
  hub.emit({ type: 'images', added: [image('2')] })
  expect(await take(events, 2)).toEqual([job('a', 'done'), { type: 'images', added: [image('1'), image('2')] }])
})

test('a listener that is hopelessly behind is ended; the others go on', async () => {
  const hub = new EventHub()
  const [asleep, awake] = [hub.listen(), hub.listen()]
  for (let n = 0; n < 1001; n++) {
    hub.emit({ type: 'images', added: [image(`${n}`)] })
    await awake.next()
  }
  expect((await asleep.next()).done).toBe(true)
  hub.emit({ type: 'queue', paused: false })
  expect((await awake.next()).done).toBe(false)
})

test('who looks at previews is known, however listeners come and leave', async () => {
  const audience: boolean[] = []
  const hub = new EventHub(isWatched => audience.push(isWatched))
  const gone = new AbortController()
  const deaf = hub.listen()
  const first = hub.listen(gone.signal, { previews: true })
  const second = hub.listen(undefined, { previews: true })
  const waiting = first.next()
  gone.abort()
  expect((await waiting).done).toBe(true)
  expect(audience).toEqual([true])
  await second.return()
  await second.return()
  await deaf.return()
  expect(audience).toEqual([true, false])
  hub.listen(gone.signal, { previews: true })
  expect(audience).toEqual([true, false, true, false])
})
