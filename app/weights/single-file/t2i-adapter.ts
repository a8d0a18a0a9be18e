import type { TensorEntry } from '../safetensors.ts'
import { countOf, type Target } from './key-table.ts'

/* Keys of T2I-Adapters (Mou et al. 2023, arXiv:2302.08453): the reference's `adapter.body.LEVEL.resnets.N`, and those of their authors. */

type Tensors = ReadonlyMap<string, TensorEntry>

/** Whether a file holds a T2I-Adapter: it has a body of blocks and nothing of a UNet. */
export function isT2IAdapter(names: Iterable<string>): boolean {
  const all = [...names]
  return all.length > 0 && all.every(name => adapterKey.test(name)) && all.some(name => bodyKey.test(name))
}

const adapterKey =
  /^(?:adapter\.)?(?:conv_in|body\.\d+\.(?:in_conv|out_conv|(?:(?:resnets|body)\.\d+\.)?block[12]))\.(?:weight|bias)$/
const bodyKey = /^(?:adapter\.)?body\.0\.(?:in_conv|(?:resnets\.0\.)?block1)\.weight$/

/** The authors' blocks of the large kind stand in one row, two for a level; those of the light kind in levels, as the reference's. */
export function t2iAdapterRows(tensors: Tensors): [string, Target][] {
  const blocks = countOf(tensors, 'body')
  if (blocks === 0) return []
  const rows: [string, Target][] = [['conv_in', 'adapter.conv_in']]
  for (let n = 0; n < blocks; n++) {
    if (tensors.has(`body.${n}.out_conv.weight`)) {
      for (const name of ['in_conv', 'out_conv']) rows.push([`body.${n}.${name}`, `adapter.body.${n}.${name}`])
      for (let k = 0; k < countOf(tensors, `body.${n}.body`); k++) {
        rows.push([`body.${n}.body.${k}`, `adapter.body.${n}.resnets.${k}`])
      }
      continue
    }
    const level = `adapter.body.${Math.floor(n / 2)}`
    rows.push([`body.${n}.in_conv`, `${level}.in_conv`])
    for (const name of ['block1', 'block2']) rows.push([`body.${n}.${name}`, `${level}.resnets.${n % 2}.${name}`])
  }
  return rows
}

/** What shapes say of an adapter. @param tensors by the reference's names */
export function t2iAdapterConfig(tensors: Tensors): Record<string, unknown> {
  const width = (key: string, axis: number) => tensors.get(`adapter.${key}.weight`)?.shape[axis] ?? 0
  const levels = countOf(tensors, 'adapter.body')
  const isLight = !tensors.has('adapter.conv_in.weight')
  const widths = Array.from({ length: levels }, (_, level) =>
    width(isLight ? `body.${level}.out_conv` : `body.${level}.resnets.0.block1`, 0),
  )
  // Squares of 8 x 8 pixels of a picture with 1 or 3 channels; Stable Diffusion XL's adapters see squares of 16 x 16.
  const seen = isLight ? width('body.0.in_conv', 1) : width('conv_in', 1)
  const factor = [1, 3].includes(seen / 64) ? 8 : 16
  const type = isLight ? 'light_adapter' : factor === 16 ? 'full_adapter_xl' : 'full_adapter'
  return {
    ...{ _class_name: 'T2IAdapter', adapter_type: type, downscale_factor: factor, in_channels: seen / factor ** 2 },
    // The last level of a light one has the width of the one before, which its config does not name twice.
    channels: isLight ? widths.slice(0, -1) : widths,
    num_res_blocks: countOf(tensors, 'adapter.body.0.resnets'),
  }
}
