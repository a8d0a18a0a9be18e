import { realpathSync } from 'node:fs'
import { Problem } from '../problem.ts'
import type { Shape } from '../tensor/tensor.ts'
import type { JsonObject } from './json-file.ts'
import type { Component } from './model-source.ts'
import type { SafetensorsFile } from './safetensors.ts'
import { openTensorFile } from './tensor-file.ts'
import { WeightFiles } from './weight-files.ts'

/** Opens a file that enlarges pictures: an RRDBNet under the keys of BasicSR, or under the numbers of ESRGAN's first program, which are read as
 *  BasicSR's. What its config says is read from its shapes.
 *  @throws Problem UPSCALER_KIND for a network of another kind; FILE_*, SAFETENSORS_*, PICKLE_* */
export function openUpscaler(path: string): Component {
  const file = openTensorFile(realpathSync(path))
  const named = underNewNames(file)
  const config = configOf(named, path)
  return {
    ...{ name: 'upscaler', className: 'RRDBNet', folder: realpathSync(path), configPath: path, config },
    weights: new WeightFiles(path, [named]),
  }
}

/** Whether keys are those of a network that enlarges pictures: ESRGAN in its old and new layout, and those that are told from others but cannot be
 *  computed, Real-ESRGAN's small networks, SwinIR and its relatives. */
export const isUpscaler = (names: readonly string[]): boolean =>
  names.some(name => upscalerKeys.some(pattern => pattern.test(name))) ||
  names.every(name => /^(?:params(?:_ema)?\.)?body\.\d+\.(?:weight|bias)$/.test(name))

const upscalerKeys = [
  /(?:^|\.)model\.1\.sub\.\d+\.RDB1\./,
  /(?:^|\.)body\.\d+\.rdb1\.conv1\.weight$/,
  /(?:^|\.)layers\.0\.residual_group\.blocks\.0\./,
]

function underNewNames(file: SafetensorsFile): SafetensorsFile {
  const names = [...file.tensors.keys()]
  const isOld = names.some(name => /(?:^|\.)model\.1\.sub\./.test(name))
  const renamed = isOld ? oldNames(names) : undefined
  const tensors = [...file.tensors.values()].map(entry => {
    const bare = entry.name.replace(/^(?:params_ema|params|module|netG)\./, '')
    const name = renamed?.get(entry.name) ?? bare
    return [name, { ...entry, name }] as const
  })
  return { ...file, tensors: new Map(tensors) }
}

/** The first program numbered what its network is made of: 0 the first convolution, 1 the blocks, then three numbers for each doubling (resize,
 *  convolution, activation), and the last two convolutions. */
function oldNames(names: readonly string[]): Map<string, string> {
  const numbers = names.flatMap(name => /(?:^|\.)model\.(\d+)\.weight$/.exec(name)?.[1] ?? []).map(Number)
  const convolutions = numbers.filter(number => number > 1).sort((a, b) => a - b)
  const [hr, last] = convolutions.slice(-2)
  const ups = convolutions.slice(0, -2)
  const outer = (number: number): string => {
    if (number === 0) return 'conv_first'
    if (number === hr) return 'conv_hr'
    return number === last ? 'conv_last' : `conv_up${ups.indexOf(number) + 1}`
  }
  return new Map(
    names.map(name => {
      const inside = /model\.1\.sub\.(\d+)\.(?:RDB(\d)\.conv(\d)(?:\.0)?\.)?(weight|bias)$/.exec(name)
      if (inside) {
        const [, block, dense, convolution, kind] = inside
        const place = dense === undefined ? 'conv_body' : `body.${block}.rdb${dense}.conv${convolution}`
        return [name, `${place}.${kind}`]
      }
      const around = /model\.(\d+)\.(weight|bias)$/.exec(name)
      return [name, around ? `${outer(Number(around[1]))}.${around[2]}` : name]
    }),
  )
}

function configOf({ tensors }: SafetensorsFile, path: string): JsonObject {
  const shapeOf = (name: string): Shape => {
    const entry = tensors.get(name)
    if (entry !== undefined) return entry.shape
    throw new Problem(
      'UPSCALER_KIND',
      `${path} does not enlarge pictures in a way that is known here: it has no "${name}".`,
      {
        hint: 'ESRGAN and Real-ESRGAN (RRDBNet) are known; choose such a file.',
      },
    )
  }
  const names = [...tensors.keys()]
  const count = (pattern: RegExp) => new Set(names.flatMap(name => pattern.exec(name)?.[1] ?? [])).size
  const [features, taken] = shapeOf('conv_first.weight')
  const unshuffle = Math.sqrt(taken / 3)
  if (!Number.isInteger(unshuffle)) {
    throw new Problem('UPSCALER_KIND', `${path} takes ${taken} channels; pictures have 3.`, {
      hint: 'It enlarges something else than pictures in colour: choose another file.',
    })
  }
  return {
    ...{ num_feat: features, num_grow_ch: shapeOf('body.0.rdb1.conv1.weight')[0] },
    ...{ num_block: count(/^body\.(\d+)\.rdb1\.conv1\.weight$/), num_out_ch: shapeOf('conv_last.weight')[0] },
    ...{ unshuffle, ups: count(/^conv_up(\d+)\.weight$/) },
  }
}
