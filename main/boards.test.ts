import { expect, test } from 'vitest'
import { request } from '../test/faults/page.ts'
import { engineHere, jobIn } from '../test/faults/studio.ts'

test('over the API: pictures are rated, tagged, put on boards and found by all of it', async () => {
  const { client } = await engineHere()
  const { images: ids } = await jobIn(client, (await client.jobs.submit(request({ count: 3 }))).id, 'done')
  const [first, second, third] = ids
  expect(await client.images.rate({ ids: [first, second, 'nobody'], rating: 4 })).toEqual({ ids: [first, second] })
  await client.images.tag({ ids: [second, third], add: ['  to   print '], remove: [] })
  expect(await client.images.tags()).toEqual([{ tag: 'to print', images: 2 }])
  const board = await client.boards.create({ name: ' Wall ' })
  expect(await client.boards.add({ id: board.id, images: ids })).toMatchObject({ name: 'Wall', images: 3 })
  const found = async (query: { search?: string; board?: string }) =>
    (await client.images.list(query)).images.map(({ id }) => id)
  expect(await found({ board: board.id, search: 'rating:4 tag:"to print"' })).toEqual([second])
  expect(await client.images.get({ id: second })).toMatchObject({ rating: 4, tags: ['to print'] })
  await client.boards.take({ id: board.id, images: [second] })
  expect(await found({ board: board.id, search: 'rating:4' })).toEqual([first])
  await client.boards.remove({ id: board.id })
  expect([await client.boards.list(), (await client.images.list({})).total]).toEqual([[], 3])
  await expect(client.images.rate({ ids, rating: 6 })).rejects.toThrow('images.rate is not as agreed at rating')
  await expect(client.images.tag({ ids, add: [' '], remove: [] })).rejects.toThrow('at least one letter')
  await expect(client.boards.rename({ id: board.id, name: 'x' })).rejects.toThrow('not in the library any more')
})
