import assert from 'node:assert/strict'
import test from 'node:test'
import { total } from '../src/price.js'

test('prices add up', () => assert.equal(total([4900, 1250]), 6150))
test('a discount gives whole cents', () => assert.equal(total([1999], 15), 1699))
