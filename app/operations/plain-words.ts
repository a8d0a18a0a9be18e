import { z } from 'zod'
import { guideParameters } from './guide-parameters.ts'
import { controls, guessMode, regions, wordParameters } from './parameters.ts'

/** What says where things are, or pulls the picture: it is for a whole picture at its own size. */
const steering = { controls, guessMode, regions, ...guideParameters }

/** What a drawing from words can be told that nothing steers: of large pictures, part by part, and of models that see a picture already. */
export const plainWordParameters = z.object(wordParameters).omit({
  ...{ controls: true, guessMode: true, regions: true },
  ...(Object.fromEntries(Object.keys(guideParameters).map(name => [name, true])) as Record<
    keyof typeof guideParameters,
    true
  >),
}).shape

/** Nothing that steers. */
export const unsteered = z.object(steering).parse({})
