import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { newLayer, type StudioDocument, tileSize } from '../../../app/api/documents.ts'
import { LayerStore, type LayerStoreOptions } from './layer-store.ts'
import type { Rectangle } from './rectangle.ts'

/** A canvas that remembers what was drawn on it last, in place of the browser's. */
class Sheet {
  shows: unknown
  width: number
  height: number
  constructor(width: number, height: number) {
    this.width = width
    this.height = height
  }
  getContext() {
    return {
      clearRect: () => {
        this.shows = undefined
      },
      drawImage: (picture: { shows?: unknown }) => {
        this.shows = picture.shows
      },
    }
  }
}

const EVERYWHERE: Rectangle = { x: -1e6, y: -1e6, width: 2e6, height: 2e6 }
const BLOCK = 2 * tileSize
const BYTES = 4 * tileSize * tileSize

beforeEach(() => {
  vi.stubGlobal('OffscreenCanvas', Sheet)
  vi.useFakeTimers()
})
afterEach(() => {
  vi.unstubAllGlobals()
  vi.useRealTimers()
})

/** Full layers of `blocks` x 1 blocks, and what is known of them. */
function open({
  blocks = 2,
  layers = 2,
  ...options
}: Partial<LayerStoreOptions> & { blocks?: number; layers?: number }) {
  const loads: string[] = []
  const document: StudioDocument = {
    ...{ id: 'd', name: 'd', width: blocks * BLOCK, height: BLOCK, frame: { x: 0, y: 0, width: 1, height: 1 } },
    layers: Array.from({ length: layers }, (_, layer) => {
      const places = Array.from(
        { length: 4 * blocks },
        (__, k) => `${k % (2 * blocks)},${Math.floor(k / (2 * blocks))}`,
      )
      const tiles = Object.fromEntries(places.map(place => [place, `${layer} ${place}`]))
      return newLayer({ kind: 'paint', name: `${layer}`, id: `${layer}`, tiles })
    }),
  }
  const store = new LayerStore({
    load: async hash => {
      loads.push(hash)
      return { shows: hash, close: () => {} } as unknown as ImageBitmap
    },
    changed: () => {},
    failed: error => {
      throw error
    },
    ...options,
  })
  store.follow(document)
  const shown = (id: string, column: number, row: number) =>
    (store.get(id)?.tile(column, row)?.canvas as unknown as Sheet | undefined)?.shows
  return { store, document, loads, shown }
}

/** Lets everything be loaded, and time pass. */
async function pass(milliseconds = 10_000) {
  await vi.advanceTimersByTimeAsync(milliseconds)
}

test('what is not wanted rests when the budget is full, and layers keep their extent', async () => {
  const { store, document } = open({ budget: 6 * BYTES, wanted: id => (id === '0' ? EVERYWHERE : undefined) })
  await pass()
  // The layer that is painted on is there as a whole, of the other one nothing fine.
  expect(store.isLoaded('0')).toBe(true)
  expect(store.isLoaded('1')).toBe(false)
  expect(store.heldBytes).toBe(10 * BYTES)
  expect(store.get('1')?.bounds()).toMatchObject({ width: document.width, height: document.height })
})

test('what rests comes back as it was, and what was used last stays', async () => {
  const { store, loads, shown } = open({ budget: 6 * BYTES })
  await pass()
  loads.length = 0
  const back = store.fine('0', { x: 0, y: 0, width: BLOCK, height: BLOCK })
  await pass(1)
  await back
  expect(loads.toSorted()).toEqual(['0 0,0', '0 0,1', '0 1,0', '0 1,1'])
  expect(shown('0', 1, 1)).toBe('0 1,1')
  expect(store.isLoaded('0')).toBe(false)
  const all = store.fine('1')
  await pass(1)
  await all
  expect(store.isLoaded('1')).toBe(true)
  await pass()
  expect(store.heldBytes).toBeLessThanOrEqual(6 * BYTES)
})

test('what the library does not have yet never rests', async () => {
  const { store } = open({ layers: 1, budget: 0 })
  const painted = store.begin('new')
  const canvas = new Sheet(tileSize, tileSize)
  const sheet = { canvas, context: canvas.getContext() }
  painted.exchange(0, 0, sheet as never)
  store.hold('new', ['0,0'])
  await pass()
  expect(painted.tile(0, 0)).toBe(sheet)
  store.settle('new', { '0,0': 'hash' })
  await pass()
  expect(painted.tile(0, 0)).toBeUndefined()
  expect([...painted.keys]).toEqual(['0,0'])
})

test('an undone tile comes as it was before, with its neighbours that rest', async () => {
  const { store, document, shown } = open({ layers: 1, blocks: 1, budget: 0 })
  await pass()
  const [layer] = document.layers
  if (layer === undefined) throw new Error('there is a layer')
  store.follow({ ...document, layers: [{ ...layer, tiles: { ...layer.tiles, '0,0': 'before' } }] })
  await pass(100)
  expect([shown('0', 0, 0), shown('0', 1, 1)]).toEqual(['before', '0 1,1'])
  store.follow({ ...document, layers: [{ ...layer, tiles: { '1,1': '0 1,1' } }] })
  await pass()
  expect([...(store.get('0')?.keys ?? [])]).toEqual(['1,1'])
})

test('where a piece cannot be read nobody is told that it is there', async () => {
  let isBroken = false
  const load = async (hash: string) => {
    if (isBroken) throw new Error('gone')
    return { shows: hash, close: () => {} } as unknown as ImageBitmap
  }
  const { store } = open({ layers: 1, budget: 0, load })
  await pass()
  isBroken = true
  const back = expect(store.fine('0')).rejects.toThrow('gone')
  await pass(1)
  await back
  expect(store.isLoaded('0')).toBe(false)
  isBroken = false
  const again = store.fine('0')
  await pass(1)
  await again
  expect(store.isLoaded('0')).toBe(true)
})
