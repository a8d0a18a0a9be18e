/** How well a model finds what words say: `npm run bench:masks -- MODEL PICTURES`. PICTURES lists pictures with the exact masks of what is in them, as
 *  Sticker World's evaluation does (`heldout.json`). For each thing its words are its name. Prints the intersection over union at a threshold of 0.5. */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import sharp from 'sharp'
import { z } from 'zod'
import { targets } from '../../app/graph/targets.ts'
import { Runtime } from '../../app/runtime/runtime.ts'
import { WordMasks } from '../../app/runtime/word-masks.ts'
import type { RgbImage } from '../../app/tensor/images.ts'
import { maskWhere } from '../../app/tensor/word-mask.ts'
import { folderOfWordMasks } from '../../app/weights/word-masks.ts'

const entries = z.array(
  z.object({
    file: z.string(),
    kind: z.string(),
    name: z.string().optional(),
    name2: z.string().optional(),
    role: z.string().optional(),
    masks: z.array(z.string()).default([]),
  }),
)
const [model, list, clip] = process.argv.slice(2)
if (list === undefined) throw new Error('npm run bench:masks -- MODEL PICTURES')
const at = (file: string) => join(dirname(list), file)

async function pixelsOf(file: string, channels: 1 | 3): Promise<RgbImage> {
  const plain = sharp(at(file))
    .flatten({ background: '#ffffff' })
    .toColourspace(channels === 3 ? 'srgb' : 'b-w')
  const { data, info } = await plain.raw().toBuffer({ resolveWithObject: true })
  return { width: info.width, height: info.height, data: new Uint8Array(data) }
}

function overlap(found: Uint8Array, mask: Uint8Array): number {
  let [both, either] = [0, 0]
  for (let k = 0; k < mask.length; k++) {
    const [a, b] = [found[k] >= 128, mask[k] >= 128]
    if (a && b) both++
    if (a || b) either++
  }
  return either === 0 ? 1 : both / either
}

const runtime = new Runtime({ target: targets.cpu, threads: 1, memoryBudget: 2 ** 33 })
const masks = new WordMasks(runtime, folderOfWordMasks(model), clip)
const results = new Map<string, number[]>()
for (const { file, kind, name, name2, role, masks: files } of entries.parse(JSON.parse(readFileSync(list, 'utf8')))) {
  const picture = await pixelsOf(file, 3)
  const names = [name ?? `${role} character`, name2 ?? '']
  for (const [k, mask] of files.entries()) {
    const { data } = await masks.find(picture, names[k])
    const iou = overlap(maskWhere(data, { threshold: 0.5, softness: 0 }), (await pixelsOf(mask, 1)).data)
    results.set(kind, [...(results.get(kind) ?? []), iou])
  }
}
const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length
for (const [kind, values] of [...results, ['all', [...results.values()].flat()] as const]) {
  console.log(
    `${kind}: ${values.length} masks, IoU ${mean(values).toFixed(3)}, ${values.filter(value => value > 0.5).length} above 0.5`,
  )
}
await runtime.release()
