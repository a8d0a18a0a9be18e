import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Problem } from '../problem.ts'
import { TorchGenerator } from '../tensor/random.ts'
import { float32ToFloat16 } from './half.ts'
import { readTensor, writeSafetensors } from './safetensors.ts'
import { SideCar } from './side-car.ts'
import { openWeightFile } from './weight-files.ts'

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'sfumato-side-car-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const shapes = {
  'conv_in.weight': [8, 4, 3, 3],
  'mid.resnet.conv1.weight': [8, 8, 3, 3],
  'mid.attention.to_q.weight': [8, 40],
  'mid.attention.proj_in.weight': [8, 40],
  'mid.norm.bias': [8],
}

/** A file in fp16, and what it holds. */
function weightFile(path: string, seed = 1n): Float32Array {
  const generator = new TorchGenerator(seed)
  const tensors = Object.entries(shapes).map(([name, shape]) => {
    return [name, { dtype: 'F16', shape, data: float32ToFloat16(generator.normal(shape).data) }] as const
  })
  writeSafetensors(path, tensors)
  return readTensor(openWeightFile(path).files[0], 'mid.norm.bias')
}

test('single precision: every tensor, exactly; the file that it was made from is untouched', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'weights.safetensors')
  weightFile(path)
  const before = readFileSync(path)
  const weights = openWeightFile(path)
  const sideCar = new SideCar(join(folder, 'cache'), weights, 'fp32')
  expect(sideCar.isMissing).toBe(true)
  const file = sideCar.open()
  expect([...file.tensors.keys()].sort()).toEqual(Object.keys(shapes).sort())
  for (const name of Object.keys(shapes)) {
    expect(file.tensors.get(name)?.dtype).toBe('F32')
    expect(readTensor(file, name)).toEqual(readTensor(weights.files[0], name))
  }
  expect(readFileSync(path)).toEqual(before)
  expect(sideCar.isMissing).toBe(false)
})

test('single precision in blocks: convolutions that fill them are laid out anew, for one size of blocks', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'weights.safetensors')
  weightFile(path)
  const weights = openWeightFile(path)
  const cache = join(folder, 'cache')
  const file = new SideCar(cache, weights, 'fp32', 8).open()
  expect(file.tensors.has('mid.resnet.conv1.weight')).toBe(false)
  const stored = readTensor(weights.files[0], 'mid.resnet.conv1.weight')
  const blocked = readTensor(file, 'mid.resnet.conv1.weight.blocked')
  // One block of 8 x 8 channels: [tap, in, out].
  for (let k = 0; k < blocked.length; k++) {
    expect(blocked[k]).toBe(stored[(k % 8) * 72 + (Math.floor(k / 8) % 8) * 9 + Math.floor(k / 64)])
  }
  // 4 channels fill no block of 8.
  expect(readTensor(file, 'conv_in.weight')).toEqual(readTensor(weights.files[0], 'conv_in.weight'))
  expect(new SideCar(cache, weights, 'fp32', 8).isMissing).toBe(false)
  expect(new SideCar(cache, weights, 'fp32', 16).isMissing).toBe(true)
  expect(new SideCar(cache, weights, 'fp32').isMissing).toBe(true)
})

test('a file in single precision: only what is laid out anew is written; nothing, where nothing is', () => {
  const folder = temporaryFolder()
  const path = join(folder, 'weights.safetensors')
  const tensors = Object.entries(shapes).map(
    ([name, shape]) => [name, { dtype: 'F32', shape, data: new TorchGenerator(1n).normal(shape).data }] as const,
  )
  writeSafetensors(path, tensors)
  const weights = openWeightFile(path)
  expect(new SideCar(folder, weights, 'fp32').isEmpty).toBe(true)
  expect(new SideCar(folder, weights, 'fp32', 16).isEmpty).toBe(true)
  const sideCar = new SideCar(join(folder, 'cache'), weights, 'fp32', 8)
  expect([...sideCar.open().tensors.keys()]).toEqual(['mid.resnet.conv1.weight.blocked'])
})

test.each([
  ['8 bit' as const, ['mid.attention.proj_in', 'mid.attention.to_q', 'mid.resnet.conv1'], []],
  ['4 bit' as const, ['mid.attention.proj_in', 'mid.resnet.conv1'], ['mid.attention.to_q']],
])('%s: which layers are quantised', (precision, int8, int4) => {
  const folder = temporaryFolder()
  weightFile(join(folder, 'weights.safetensors'))
  const file = new SideCar(folder, openWeightFile(join(folder, 'weights.safetensors')), precision).open()
  const names = [...file.tensors.keys()]
  const withSuffix = (suffix: string) => names.filter(name => name.endsWith(suffix)).sort()
  expect(withSuffix('.int8')).toEqual(int8.map(name => `${name}.weight.int8`))
  expect(withSuffix('.int4')).toEqual(int4.map(name => `${name}.weight.int4`))
  expect(withSuffix('.scales').length).toBe(int8.length + int4.length)
  expect(names).toContain('conv_in.weight')
  expect(names).toContain('mid.norm.bias')
})

test('a file that was replaced makes its side-car count as absent, and the old one is deleted', () => {
  const folder = temporaryFolder()
  const [path, cache] = [join(folder, 'weights.safetensors'), join(folder, 'cache')]
  weightFile(path)
  new SideCar(cache, openWeightFile(path), 'fp32').open()
  new SideCar(cache, openWeightFile(path), '8 bit').open()
  const [first] = readdirSync(cache).filter(name => name.includes('fp32'))

  const bias = weightFile(path, 2n)
  utimesSync(path, new Date(), new Date(Date.now() + 5000))
  const second = new SideCar(cache, openWeightFile(path), 'fp32')
  expect(second.isMissing).toBe(true)
  expect(readTensor(second.open(), 'mid.norm.bias')).toEqual(bias)
  const left = readdirSync(cache)
  expect(left).not.toContain(first)
  // The one of another precision is not this one's to delete.
  expect(left.length).toBe(2)
})

test('a side-car that was deleted or cut short is written again; what an ended writer left is cleared away', () => {
  const folder = temporaryFolder()
  const [path, cache] = [join(folder, 'weights.safetensors'), join(folder, 'cache')]
  const bias = weightFile(path)
  const sideCar = new SideCar(cache, openWeightFile(path), 'fp32')
  sideCar.open()
  writeFileSync(sideCar.path, readFileSync(sideCar.path).subarray(0, 500))
  const abandoned = join(cache, '.other.part')
  writeFileSync(abandoned, 'half of it')
  utimesSync(abandoned, new Date(0), new Date(0))
  writeFileSync(join(cache, '.busy.part'), 'somebody writes')
  expect(sideCar.isMissing).toBe(true)
  expect(readTensor(sideCar.open(), 'mid.norm.bias')).toEqual(bias)
  rmSync(sideCar.path)
  expect(readTensor(sideCar.open(), 'mid.norm.bias')).toEqual(bias)
  expect(readdirSync(cache).sort()).toEqual(['.busy.part', sideCar.path.slice(cache.length + 1)].sort())
})

test('a disk without room: said in words before anything is written, and nothing is left', context => {
  const folder = temporaryFolder()
  const disk = join(folder, 'disk')
  mkdirSync(disk)
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', disk], { stdio: 'ignore' })
  } catch {
    return context.skip('needs root on Linux, to make a disk that is full')
  }
  onTestFinished(() => void execFileSync('umount', ['-l', disk]))
  weightFile(join(folder, 'weights.safetensors'))
  const sideCar = new SideCar(disk, openWeightFile(join(folder, 'weights.safetensors')), 'fp32')
  const problem = problemOf(() => sideCar.open())
  expect(problem).toMatchObject({ code: 'DISK_FULL', hint: expect.stringContaining('as stored') })
  expect(problem.message).toMatch(/need \S+ GB in .*disk, but \S+ GB are free/)
  expect(readdirSync(disk)).toEqual([])
})

test('a file that ends while it is read leaves nothing behind', () => {
  const folder = temporaryFolder()
  const [path, cache] = [join(folder, 'weights.safetensors'), join(folder, 'cache')]
  weightFile(path)
  const weights = openWeightFile(path)
  writeFileSync(path, readFileSync(path).subarray(0, 700))
  expect(problemOf(() => new SideCar(cache, weights, '8 bit').open()).code).toBe('SAFETENSORS_TRUNCATED')
  expect(readdirSync(cache)).toEqual([])
})

function problemOf(work: () => unknown): Problem {
  try {
    work()
  } catch (error) {
    if (error instanceof Problem) return error
    throw error
  }
  throw new Error('nothing was refused')
}
