import type { Texts } from '../texts.ts'
import { canvas } from './canvas.ts'
import { commands } from './commands.ts'
import { common } from './common.ts'
import { editing } from './editing.ts'
import { gallery } from './gallery.ts'
import { models } from './models.ts'
import { operations } from './operations.ts'
import { togetherTexts } from './problem-phrases.ts'
import { problems } from './problems.ts'
import { problemsOfDrawing } from './problems-of-drawing.ts'
import { problemsOfLibrary } from './problems-of-library.ts'
import { problemsOfModels } from './problems-of-models.ts'
import { settings } from './settings.ts'
import { studio } from './studio.ts'
import { teach } from './teach.ts'
import { training } from './training.ts'

/** All that the interface says, in German: a file a room. */
export const german: Texts = {
  ...{ ...common, ...commands, ...operations, ...editing, ...training, ...problems },
  ...{ ...problemsOfDrawing, ...problemsOfLibrary, ...problemsOfModels, ...togetherTexts },
  ...{ ...studio, ...canvas, ...gallery, ...teach, ...models, ...settings },
}
