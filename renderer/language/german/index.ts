import type { Texts } from '../texts.ts'
import { canvas } from './canvas.ts'
import { commands } from './commands.ts'
import { common } from './common.ts'
import { editing } from './editing.ts'
import { gallery } from './gallery.ts'
import { models } from './models.ts'
import { operations } from './operations.ts'
import { problems } from './problems.ts'
import { settings } from './settings.ts'
import { studio } from './studio.ts'
import { teach } from './teach.ts'
import { training } from './training.ts'

/** All that the interface says, in German: a file a room. */
export const german: Texts = {
  ...{ ...common, ...commands, ...operations, ...editing, ...training, ...problems },
  ...{ ...studio, ...canvas, ...gallery, ...teach, ...models, ...settings },
}
