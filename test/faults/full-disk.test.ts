import { rmSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { request } from './page.ts'
import { engineHere, jobIn, smallDisk } from './studio.ts'

test('a disk that is full while drawing: said in words, nothing lost, and it goes on when there is space again', async context => {
  const home = smallDisk()
  if (home === undefined) return context.skip('needs root on Linux, to make a disk that can be filled')
  const engine = await engineHere({ home })
  const { client } = engine
  await jobIn(client, (await client.jobs.submit(request({}))).id, 'done')
  const before = await client.images.list({})

  const filler = join(home, 'filler')
  const job = await client.jobs.submit(request({ steps: 2, milliseconds: 300, count: 9 }))
  await jobIn(client, job.id, 'running')
  const { bavail, bsize } = statfsSync(home)
  // Room for a page of the database, none for nine pictures.
  writeFileSync(filler, Buffer.alloc(bavail * bsize - 3 * bsize))
  const failed = await jobIn(client, job.id, 'failed')
  expect(failed.problem).toMatchObject({ code: 'DISK_FULL', hint: expect.stringContaining('Free some space') })
  expect(await client.images.list({})).toEqual(before)
  await engine.close()

  rmSync(filler)
  const { client: later } = await engineHere({ home })
  expect(await later.images.list({})).toEqual(before)
  await jobIn(later, (await later.jobs.runAgain({ id: job.id })).id, 'done')
  expect((await later.images.list({})).total).toBe((before.total ?? 0) + 9)
})
