import type { z } from 'zod'
import { Problem } from '../problem.ts'
import type { Layer } from './layers/layer.ts'

/** A model family: given a checkpoint's own config, it writes the graph. Parameter names are the reference's state-dict keys.
 *  `Sizes` are the static sizes that a graph is built for (batch, height, ...). */
export interface Family<Config, Sizes> {
  /** The reference's class, as `_class_name` or `architectures` name it. */
  readonly className: string
  /** Options that it can build; a value that it cannot is refused with the key's name. */
  readonly config: z.ZodType<Config>
  /** Graphs that it writes, e.g. an autoencoder's `encode` and `decode`; each declares its inputs and outputs. */
  readonly graphs: Readonly<Record<string, (layer: Layer, config: Config, sizes: Sizes) => void>>
  /** Set where every weight of a file belongs to a layer: what is left over then shows a config of another network. */
  readonly usesAllWeights?: true
  /** Which configs are computed in single precision even where the target computes in half; absent: none. */
  readonly computesInFull?: (config: Config) => boolean
}

/** Reads a family's config. @throws Problem MODEL_CONFIG naming the first key that cannot be built, with its value */
export function parseConfig<Config>(family: Family<Config, never>, raw: unknown, file: string): Config {
  const parsed = family.config.safeParse(raw)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const key = issue.path.join('.')
  throw new Problem(
    'MODEL_CONFIG',
    `${file} asks for ${key} = ${shownValue(raw, issue.path)}, which cannot be built: ${issue.message}.`,
    {
      hint: 'Choose another model, or check that the file belongs to these weights.',
      details: { issues: parsed.error.issues },
    },
  )
}

function shownValue(raw: unknown, path: readonly PropertyKey[]): string {
  const value = path.reduce<unknown>(
    (inside, key) => (typeof inside === 'object' && inside !== null ? Reflect.get(inside, key) : undefined),
    raw,
  )
  return JSON.stringify(value) ?? 'nothing'
}
