import { expect, test } from 'vitest'
import type { DatasetPicture } from './api.ts'
import { afterPick } from './teach.ts'

const pictures = [3, 5, 8, 9, 12].map(
  (number): DatasetPicture => ({
    ...{ number, path: `${number}.png`, width: 8, height: 8, format: 'png', frames: 1, hasAlpha: false },
    ...{ caption: '', captionSource: 'none', isClassImage: false, mayFlip: false, isLeftOut: false },
  }),
)

test('pictures are picked alone, one by one, and in ranges from where the first was', () => {
  let state = { pictures, ...afterPick({ pictures, picked: [] }, 8, 'alone') }
  expect(state).toMatchObject({ selected: 8, picked: [8] })
  state = { pictures, ...afterPick(state, 12, 'up to') }
  expect(state).toMatchObject({ selected: 12, picked: [8, 9, 12] })
  state = { pictures, ...afterPick(state, 3, 'up to') }
  expect(state).toMatchObject({ selected: 3, picked: [8, 3, 5] })
  state = { pictures, ...afterPick(state, 3, 'with') }
  expect(state).toMatchObject({ selected: 5, picked: [8, 5] })
  state = { pictures, ...afterPick(state, 9, 'with') }
  expect(state).toMatchObject({ selected: 9, picked: [8, 5, 9] })
  expect(afterPick({ pictures, picked: [] }, 9, 'up to')).toEqual({ selected: 9, picked: [9] })
  expect(afterPick({ pictures, picked: [3] }, 3, 'with')).toEqual({ selected: undefined, picked: [] })
})
