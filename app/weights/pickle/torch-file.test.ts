import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Problem } from '../../problem.ts'
import { readTensor } from '../safetensors.ts'
import { openTensorFile } from '../tensor-file.ts'
import { pickledState, pickledText, torchFile, zipped } from './torch-samples.ts'

const folder = mkdtempSync(join(tmpdir(), 'sfumato-torch-'))
afterAll(() => rmSync(folder, { recursive: true }))

const path = join(folder, 'model.ckpt')
function open(bytes: Uint8Array) {
  writeFileSync(path, bytes)
  return openTensorFile(path)
}

function refusal(bytes: Uint8Array): [string, string] {
  try {
    open(bytes)
  } catch (error) {
    if (error instanceof Problem) return [error.code, error.message]
    throw error
  }
  throw new Error('it was opened')
}

const numbers = [0, 1, 2, 3, 4, 5]
const whole = { key: '0', shape: [2, 3], strides: [3, 1], stored: 6 }

test('tensors are byte ranges of the file: whole, a part, transposed', () => {
  const tensors = {
    whole,
    part: { key: '0', shape: [2], strides: [1], offset: 3, stored: 6 },
    transposed: { key: '0', shape: [3, 2], strides: [1, 3], stored: 6 },
  }
  const file = open(torchFile(pickledState(tensors), { 0: numbers }))
  expect([...readTensor(file, 'whole')]).toEqual(numbers)
  expect([...readTensor(file, 'part')]).toEqual([3, 4])
  expect(file.tensors.get('transposed')?.shape).toEqual([3, 2])
  expect([...readTensor(file, 'transposed')]).toEqual([0, 3, 1, 4, 2, 5])
})

test('what programs put around the weights is no part of their names; the steps of training are kept', () => {
  const inner = pickledState({ 'layer.weight': whole }).subarray(2, -1)
  const outer = Buffer.concat([
    Buffer.from('\x80\x02}(', 'latin1'),
    ...[pickledText('state_dict'), inner, pickledText('global_step'), Buffer.from('M\xe8\x03', 'latin1')],
    Buffer.from('u.', 'latin1'),
  ])
  const file = open(torchFile(outer, { 0: numbers }))
  expect([...file.tensors.keys()]).toEqual(['layer.weight'])
  expect(file.metadata).toEqual({ global_step: '1000' })
})

const call = (module: string, name: string) =>
  Buffer.concat([
    pickledText('x'),
    Buffer.from(`c${module}\n${name}\n`),
    pickledText('rm -rf /'),
    Buffer.from('\x85R', 'latin1'),
  ])

test.each([
  ['posix', 'system'],
  ['builtins', 'eval'],
  ['torch.nn.modules.linear', 'Linear'],
  ['collections', 'OrderedDict.__init__'],
  ['__builtin__', 'constructor'],
])('%s.%s is refused with its name, and not called', (module, name) => {
  const [code, message] = refusal(torchFile(pickledState({ whole }, call(module, name)), { 0: numbers }))
  expect(code).toBe('PICKLE_CODE')
  expect(message).toContain(path)
  expect(message).toContain(`${module}.${name}`)
})

test.each([
  [
    'a tensor beyond its storage',
    torchFile(pickledState({ whole: { ...whole, stored: 60, shape: [20, 3] } }), { 0: numbers }),
    'reaches beyond',
  ],
  [
    'a storage that says it is smaller',
    torchFile(pickledState({ whole: { ...whole, stored: 5 } }), { 0: numbers }),
    'reaches beyond',
  ],
  ['numbers that are missing', torchFile(pickledState({ whole }), { 1: numbers }), 'are missing'],
  ['a pickle that breaks off', torchFile(pickledState({ whole }).subarray(0, 60), { 0: numbers }), 'breaks off'],
  ['no tensors', torchFile(pickledState({})), 'no tensors'],
  ['another archive', zipped({ 'a.txt': Buffer.from('x') }), 'zip archive'],
  ['a cut archive', torchFile(pickledState({ whole }), { 0: numbers }).subarray(0, -30), 'breaks off'],
  ['compressed files', zipped({ 'model/data.pkl': pickledState({ whole }) }, 8), 'compressed'],
  [
    'another order of bytes',
    zipped({ 'm/data.pkl': pickledState({ whole }), 'm/byteorder': Buffer.from('big') }),
    '(big)',
  ],
  ['a dictionary in itself', torchFile(Buffer.from('\x80\x02}q\x00X\x01\x00\x00\x00ah\x00s.', 'latin1')), 'no end'],
  [
    'a part that does not lie in one piece',
    torchFile(pickledState({ whole: { ...whole, shape: [2, 2] } }), { 0: numbers }),
    'in one piece',
  ],
])('%s: refused', (_, bytes, found) => {
  const [code, message] = refusal(bytes)
  expect(code).toMatch(/^PICKLE_/)
  expect(message).toContain(path)
  expect(message).toContain(found)
})
