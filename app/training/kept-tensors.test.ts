import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { TorchGenerator } from '../tensor/random.ts'
import { KeptTensors } from './kept-tensors.ts'

function folderOfIts(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-kept-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'kept')
}

const drawn = (seed: bigint) => ({
  mean: new TorchGenerator(seed).normal([1, 4, 8, 8]),
  logvar: new TorchGenerator(seed + 1n).normal([1, 4, 8, 8]),
})

/** Makes something and counts how often that was needed. */
function counted() {
  const counter = { made: 0 }
  const make = async () => {
    counter.made++
    return drawn(1n)
  }
  return { counter, make }
}

test('another training gets the same bits without making them; another model, key or provider gets its own', async () => {
  const folder = folderOfIts()
  const { counter, make } = counted()
  expect(await new KeptTensors(folder, ['model', 'cpu']).of(['latents', 'a'], make)).toEqual(drawn(1n))
  expect(await new KeptTensors(folder, ['model', 'cpu']).of(['latents', 'a'], make)).toEqual(drawn(1n))
  expect(counter.made).toBe(1)
  await new KeptTensors(folder, ['other', 'cpu']).of(['latents', 'a'], make)
  await new KeptTensors(folder, ['model', 'webgpu']).of(['latents', 'a'], make)
  await new KeptTensors(folder, ['model', 'cpu']).of(['latents', 'b'], make)
  expect(counter.made).toBe(4)
})

test.each([
  ['cut off', (path: string) => truncateSync(path, 1000)],
  ['empty', (path: string) => writeFileSync(path, '')],
  [
    'changed in one bit',
    (path: string) => {
      const bytes = readFileSync(path)
      bytes[bytes.length - 9] ^= 1
      writeFileSync(path, bytes)
    },
  ],
])('a file that is %s is made anew', async (_, damage) => {
  const folder = folderOfIts()
  const { counter, make } = counted()
  await new KeptTensors(folder, []).of(['a'], make)
  for (const name of readdirSync(folder)) damage(join(folder, name))
  expect(await new KeptTensors(folder, []).of(['a'], make)).toEqual(drawn(1n))
  expect(await new KeptTensors(folder, []).of(['a'], make)).toEqual(drawn(1n))
  expect(counter.made).toBe(2)
})

test('what was used longest ago leaves first, once there is more than was allowed', async () => {
  const folder = folderOfIts()
  const { counter, make } = counted()
  const size = 2 * 4 * 8 * 8 * 4
  const kept = new KeptTensors(folder, [], 4.5 * size)
  for (const key of ['a', 'b', 'c']) await kept.of([key], make)
  for (const name of readdirSync(folder)) utimesSync(join(folder, name), 1000, 1000)
  await kept.of(['a'], make)
  await kept.of(['d'], make)
  await kept.of(['e'], make)
  expect(readdirSync(folder).length).toBeLessThan(5)
  const before = counter.made
  for (const key of ['a', 'd', 'e']) await kept.of([key], make)
  expect(counter.made).toBe(before)
})

test('where nothing can be written it is made each time', async () => {
  const folder = folderOfIts()
  writeFileSync(folder, 'a file where the folder would be')
  const { counter, make } = counted()
  for (let k = 0; k < 2; k++) expect(await new KeptTensors(folder, []).of(['a'], make)).toEqual(drawn(1n))
  expect(counter.made).toBe(2)
})
