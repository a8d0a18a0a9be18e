import { randomBytes } from 'node:crypto'
import { expect, test } from 'vitest'
import type { Library } from './library.ts'
import type { LineageNode } from './lineage.ts'
import { addImage, problemCode, recipe, testLibrary } from './testing.ts'

const promptOf = ({ image, kind }: LineageNode) => image?.recipe?.parameters.prompt ?? kind
const told = (nodes: readonly LineageNode[]) => nodes.map(promptOf)

const kept = async (library: Library, canvas?: { shows: string[] }, now?: number) => {
  const blob = await library.blobs.put(randomBytes(64), 'image/png')
  return library.keptPictures.add(blob, 64, 64, { ...(canvas && { canvas }), ...(now !== undefined && { now }) }).hash
}

test('a picture stands among what it came from, what came from it, and what else came from its parent', async () => {
  const library = testLibrary()
  const root = await addImage(library, { prompt: 'a red car' }, 1)
  const twin = await addImage(library, { prompt: 'twin', parents: [root.hash] }, 2)
  const own = await addImage(library, { prompt: 'a yellow car', parents: [root.hash] }, 3)
  const child = await addImage(library, { prompt: 'a yellow car', seed: '9', parents: [own.hash] }, 4)
  await addImage(library, { prompt: 'a stranger' }, 5)
  await addImage(library, { prompt: 'a child of the twin', parents: [twin.hash] }, 6)

  const family = library.lineage.around(own.id)
  expect(told(family)).toEqual(['a red car', 'a yellow car', 'twin', 'a yellow car'])
  expect(family.find(({ hash }) => hash === child.hash)).toMatchObject({
    parents: [own.hash],
    difference: { title: 'Variation', details: [{ label: 'seed', from: '7', to: '9', isChanged: true }] },
  })
  expect(family.find(({ hash }) => hash === own.hash)?.difference?.title).toBe('“red” swapped for “yellow”')
  library.images.trash([child.id])
  expect(told(library.lineage.around(own.id))).toEqual(['a red car', 'a yellow car', 'twin'])
  expect(await problemCode(() => library.lineage.around('nobody'))).toBe('IMAGE_UNKNOWN')
})

test('what came through the canvas is traced to the pictures that the canvas showed', async () => {
  const library = testLibrary()
  const root = await addImage(library, { prompt: 'a red car' }, 1)
  const frame = await kept(library, { shows: [root.id, 'nobody'] })
  const mask = await kept(library)
  const { parameters } = recipe({ prompt: 'a yellow car' })
  const own = await addImage(
    library,
    { operation: 'inpaint', parameters: { ...parameters, image: frame, mask }, parents: [frame, mask] },
    2,
  )
  const family = library.lineage.around(own.id)
  expect(told(family)).toEqual(['a red car', 'canvas', 'a yellow car'])
  expect(family[1]?.parents).toEqual([root.hash])
  expect(family[2]).toMatchObject({ parents: [frame], difference: { title: '“red” swapped for “yellow”' } })
  expect(told(library.lineage.around(root.id))).toEqual(['a red car', 'canvas', 'a yellow car'])
})

test('files and pictures that are gone are said to be that; generations far away are left out', async () => {
  const library = testLibrary()
  const file = await kept(library)
  const one = await addImage(library, { prompt: 'one', parents: [file, 'f'.repeat(64)] }, 1)
  const two = await addImage(library, { prompt: 'two', parents: [one.hash] }, 2)
  const three = await addImage(library, { prompt: 'three', parents: [two.hash] }, 3)
  expect(told(library.lineage.around(three.id)).toSorted()).toEqual(['file', 'gone', 'one', 'three', 'two'])
  expect(told(library.lineage.around(three.id, 1))).toEqual(['two', 'three'])
})

test('what was kept of a canvas goes with its last picture', async () => {
  const library = testLibrary()
  const root = await addImage(library, { prompt: 'a red car' }, 1)
  await kept(library, { shows: [root.id] }, 1)
  expect(told(library.lineage.around(root.id))).toEqual(['a red car'])
  library.images.trash([root.id])
  await library.images.emptyTrash()
  expect(library.images.list({ trashed: true }).total).toBe(0)
})
