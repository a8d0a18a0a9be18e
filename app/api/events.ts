import { z } from 'zod'
import { Dataset } from '../library/datasets/records.ts'
import { DocumentInfo } from '../library/documents/records.ts'
import { Download } from '../library/downloads/records.ts'
import { LookedAt } from '../library/facets.ts'
import { Image, Job, JobProgress, Settings } from '../library/records.ts'
import { Style } from '../library/styles.ts'
import { ModelInfo } from './model-info.ts'

/** What happens while nobody asks; one stream for everything. */
export const StudioEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('job'), job: Job }),
  z.object({ type: z.literal('progress'), jobId: z.string(), progress: JobProgress }),
  z.object({ type: z.literal('queue'), paused: z.boolean() }),
  z.object({ type: z.literal('images'), added: z.array(Image) }),
  z.object({ type: z.literal('removed'), images: z.array(z.string()) }),
  /** Pictures are looked at in the background: how many were, of how many. */
  LookedAt.extend({ type: z.literal('looked at') }),
  z.object({ type: z.literal('settings'), settings: Settings }),
  /** All styles, after one came, changed or went. */
  z.object({ type: z.literal('styles'), styles: z.array(Style) }),
  /** Models came or went: all that draw pictures. */
  z.object({ type: z.literal('models'), models: z.array(ModelInfo) }),
  /** Of one model that is fetched: progress, or another state. */
  z.object({ type: z.literal('download'), download: Download }),
  /** A data set came, changed, or is looked through: how far. */
  z.object({ type: z.literal('dataset'), dataset: Dataset }),
  z.object({ type: z.literal('datasets removed'), ids: z.array(z.string()) }),
  /** A document came or changed; `trashedAt` tells whether it is in the trash. */
  z.object({ type: z.literal('document'), document: DocumentInfo }),
  z.object({ type: z.literal('documents removed'), ids: z.array(z.string()) }),
  /** The worker ended and was started again; the job that it had is `interrupted`. */
  z.object({
    type: z.literal('worker'),
    state: z.enum(['starting', 'ready', 'restarted']),
    message: z.string().optional(),
  }),
])
export type StudioEvent = z.infer<typeof StudioEvent>
