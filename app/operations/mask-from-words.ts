import { z } from 'zod'
import { Problem } from '../problem.ts'
import { fromGray } from '../tensor/fit.ts'
import { maskWhere, thingsIn } from '../tensor/word-mask.ts'
import type { Operation } from './operation.ts'
import { about, share } from './parameter-meta.ts'
import { picture } from './parameters.ts'
import { Stopwatch } from './stopwatch.ts'

/** Things that are looked for at once, at most. */
const MOST = 32

const words = z
  .string()
  .max(2000)
  .meta(
    about({
      title: 'Words',
      description: 'What to find in the picture; several things with commas between them.',
      group: 'words',
      widget: 'prompt',
    }),
  )

const threshold = share(0.5, {
  title: 'Threshold',
  description: 'How sure the model must be of a place: less finds more.',
  group: 'mask',
})

const softness = share(0, {
  title: 'Soft edge',
  description: 'How gradually places count from about the threshold on; 0: wholly or not at all.',
  group: 'mask',
})

const together = z
  .enum(['one mask', 'a mask for each'])
  .default('one mask')
  .meta(
    about({
      title: 'Several things',
      description: 'Marked together in one mask, or each in its own.',
      group: 'mask',
      widget: 'choice',
    }),
  )

const parameters = z.object({ prompt: words, image: picture, threshold, softness, together })

/** Masks of what words say: white where it is, black elsewhere (CLIPSeg, Lüddecke & Ecker 2022, arXiv:2112.10003; the reference's
 *  CLIPSegForImageSegmentation with its sigmoid). */
export const maskFromWords: Operation<typeof parameters, 'masks', 'masks' | 'pictures'> = {
  id: 'mask-from-words',
  version: 1,
  title: 'Mask from words',
  description: 'Finds in a picture what words say, and makes a mask of it.',
  needs: { model: 'masks' },
  parameters,
  async *run({ masks, pictures, signal }, { prompt, image, threshold, softness, together }) {
    const things = thingsIn(prompt)
    refuseCount(things.length)
    const picture = await pictures.read(image, '#ffffff')
    const watch = new Stopwatch()
    const [total, found] = [things.length, [] as Float32Array[]]
    for (const [k, thing] of things.entries()) {
      yield { phase: `Looking for ${thing}`, step: k, total, ...(k > 0 && { secondsLeft: watch.step(k, total) }) }
      signal.throwIfAborted()
      found.push((await masks.find(picture, thing)).data)
    }
    const wanted = together === 'one mask' ? [surest(found)] : found
    return wanted.map(sure => ({ image: fromGray(picture, maskWhere(sure, { threshold, softness })), seed: 0n }))
  },
}

function refuseCount(count: number): void {
  if (count > 0 && count <= MOST) return
  const message =
    count === 0 ? 'Nothing is said of what to find.' : `${count} things are too many; ${MOST} are the most.`
  throw new Problem('MASK_WORDS', message, {
    hint: 'Write what is in the picture, with commas between several things.',
    details: { field: 'prompt' },
  })
}

/** A place shows one of several things as surely as it shows the likeliest. */
const surest = ([first, ...others]: readonly Float32Array[]): Float32Array =>
  first.map((value, k) => others.reduce((most, other) => Math.max(most, other[k]), value))
