import { closeSync, openSync, readSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { parse, stringify } from 'yaml'
import { z } from 'zod'

/** What a model card says for programs: the YAML front matter of a README.md, as the Hugging Face hub defines it
 *  (huggingface.co/docs/hub/model-cards). A part that is absent or makes no sense is left out: a card is no reason to refuse a model. */
export interface ModelCard {
  readonly name?: string
  /** Id of the licence, as the hub has them: "apache-2.0"; or the name that stands for "other". */
  readonly licence?: string
  /** Denoising steps. */
  readonly steps?: number
  /** Guidance scale. */
  readonly guidance?: number
  /** Prompts that show what the model can do. */
  readonly examples: readonly string[]
}

const frontMatter = z.object({
  model_name: z.string().trim().min(1).max(200).optional().catch(undefined),
  license: z.string().trim().min(1).max(200).optional().catch(undefined),
  license_name: z.string().trim().min(1).max(200).optional().catch(undefined),
  inference: z
    .object({
      parameters: z.object({
        num_inference_steps: z.int().min(1).max(1000).optional().catch(undefined),
        guidance_scale: z.number().min(0).max(100).optional().catch(undefined),
      }),
    })
    .optional()
    .catch(undefined),
  widget: z
    .array(z.object({ text: z.string().min(1).max(1000).optional().catch(undefined) }).catch({}))
    .catch([])
    .default([]),
})

/** Front matter beyond this many bytes is not looked at. */
const longestFrontMatter = 100_000
const mostExamples = 100

/** Reads the card of a model's folder; an empty one where there is none that can be read. */
export function readCard(folder: string): ModelCard {
  const text = beginning(join(folder, 'README.md'))
  const [, yaml] = /^\uFEFF?---\r?\n([\s\S]*?)\r?\n---\s*(?:\r?\n|$)/.exec(text) ?? []
  const { data } = frontMatter.safeParse(parsed(yaml))
  if (!data) return { examples: [] }
  const { num_inference_steps: steps, guidance_scale: guidance } = data.inference?.parameters ?? {}
  const examples = data.widget.flatMap(({ text }) => text ?? []).slice(0, mostExamples)
  const licence = data.license === 'other' ? (data.license_name ?? data.license) : data.license
  return { name: data.model_name, licence, steps, guidance, examples }
}

/** The text of a README.md that `readCard` reads as this card. @param words what a person reads below */
export function cardText({ name, licence, steps, guidance, examples }: ModelCard, words: string): string {
  const parameters = { num_inference_steps: steps, guidance_scale: guidance }
  const front = stringify({
    model_name: name,
    license: licence,
    inference: { parameters },
    widget: examples.map(text => ({ text })),
  })
  return `---\n${front}---\n\n${words}\n`
}

function beginning(path: string): string {
  try {
    if (!statSync(path).isFile()) return ''
    const file = openSync(path, 'r')
    try {
      const bytes = Buffer.alloc(longestFrontMatter)
      return bytes.toString('utf8', 0, readSync(file, bytes))
    } finally {
      closeSync(file)
    }
  } catch {
    return ''
  }
}

function parsed(yaml: string | undefined): unknown {
  if (yaml === undefined) return undefined
  try {
    return parse(yaml, { maxAliasCount: 10, logLevel: 'silent' })
  } catch {
    return undefined
  }
}
