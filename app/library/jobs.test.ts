import { expect, test } from 'vitest'
import { problemCode, testLibrary } from './testing.ts'

const request = (prompt: string) => ({ operation: 'text-to-image', model: 'm', parameters: { prompt } })

test('a queue keeps its order, and jobs can be moved', async () => {
  const { jobs } = testLibrary()
  const [a, b, c, d] = ['a', 'b', 'c', 'd'].map(prompt => jobs.add(request(prompt)).id)
  const order = () => jobs.waiting().map(job => job.parameters.prompt)
  expect(order()).toEqual(['a', 'b', 'c', 'd'])
  jobs.move(d ?? '', a)
  expect(order()).toEqual(['d', 'a', 'b', 'c'])
  jobs.move(a ?? '')
  expect(order()).toEqual(['d', 'b', 'c', 'a'])
  jobs.move(c ?? '', b)
  expect(order()).toEqual(['d', 'c', 'b', 'a'])
  jobs.move(c ?? '', c)
  expect(order()).toEqual(['d', 'c', 'b', 'a'])
  jobs.add(request('e'))
  expect(order()).toEqual(['d', 'c', 'b', 'a', 'e'])
  jobs.start(d ?? '')
  expect(await problemCode(() => jobs.move(d ?? ''))).toBe('JOB_NOT_WAITING')
  expect(await problemCode(() => jobs.move(a ?? '', d))).toBe('JOB_NOT_WAITING')
  expect(jobs.list().map(job => job.parameters.prompt)).toEqual(['d', 'c', 'b', 'a', 'e'])
})

test('a job that yields waits for all others, also for later ones', () => {
  const { jobs } = testLibrary()
  for (const [prompt, yields] of Object.entries({ a: false, check: true, b: false, later: true, c: false })) {
    jobs.add({ ...request(prompt), yields })
  }
  expect(jobs.waiting().map(job => job.parameters.prompt)).toEqual(['a', 'b', 'c', 'check', 'later'])
})

test('what a job was predicted to take and took stands in its row and in its pictures', async () => {
  const library = testLibrary()
  const { id } = library.jobs.add(request('a'))
  const cost = { predicted: { seconds: 40, bytes: 2e9 }, took: { seconds: 43 } }
  library.jobs.setCost(id, cost)
  expect(library.jobs.get(id).cost).toEqual(cost)
  const blob = await library.blobs.put(Buffer.from('picture'), 'image/png')
  const [image] = library.images.add([{ blob, width: 64, height: 64, index: 0, job: id }])
  expect(library.images.get(image?.id ?? '').cost).toEqual(cost)
})

test('a job ends once', () => {
  const { jobs } = testLibrary()
  const { id } = jobs.add(request('a'), 1000)
  expect(jobs.start(id, 2000)).toBe(true)
  expect(jobs.start(id)).toBe(false)
  expect(jobs.end(id, 'done', undefined, 3000)).toMatchObject({
    state: 'done',
    createdAt: 1000,
    startedAt: 2000,
    endedAt: 3000,
  })
  expect(jobs.end(id, 'failed', { code: 'X', message: 'x' })).toMatchObject({ state: 'done', endedAt: 3000 })
})

test('a job that goes on is put back to its place, and waits while it is paused', () => {
  const { jobs } = testLibrary()
  const { id } = jobs.add({ ...request('training'), resumes: true }, 1000)
  const other = jobs.add(request('picture'))
  jobs.start(id, 2000)
  expect(jobs.setWish(id, 'pause').state).toBe('running')
  expect(jobs.putBack(id)).toMatchObject({ state: 'paused', resumes: true, startedAt: 2000 })
  expect(jobs.waiting().map(job => job.id)).toEqual([other.id])
  expect(jobs.list().map(job => job.state)).toEqual(['paused', 'waiting'])
  expect(jobs.setWish(id, undefined).state).toBe('waiting')
  expect(jobs.waiting().map(job => job.id)).toEqual([id, other.id])
  jobs.start(id, 3000)
  expect(jobs.get(id)).toMatchObject({ state: 'running', startedAt: 2000 })
  expect(jobs.end(id, 'done')).toMatchObject({ state: 'done' })
  expect(jobs.putBack(id).state).toBe('done')
})

test('of an engine that leaves or died, what goes on waits for the next one; what does not is interrupted', () => {
  const { jobs, engine } = testLibrary()
  const problem = { code: 'X', message: 'x' }
  const [training, picture] = [true, false].map(resumes => jobs.add({ ...request('a'), resumes }).id)
  for (const id of [training, picture]) jobs.start(id)
  jobs.takeOver([{ id: engine, keepsQueue: true }], true, problem)
  expect([training, picture].map(id => jobs.get(id).state)).toEqual(['waiting', 'interrupted'])
  jobs.start(training)
  jobs.leave(true, problem)
  expect(jobs.get(training).state).toBe('waiting')
  jobs.start(training)
  jobs.leave(false, problem)
  expect(jobs.get(training).state).toBe('interrupted')
})

test('of what has ended, the latest are listed', () => {
  const { jobs } = testLibrary()
  for (let n = 0; n < 5; n++) jobs.end(jobs.add(request(`${n}`), n).id, 'cancelled')
  expect(jobs.list(2).map(job => job.parameters.prompt)).toEqual(['4', '3'])
})
