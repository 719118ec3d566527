; A two-handed barman fills shots from dispensers and mixes cocktails of two ingredients in a shaker.
(define (domain barman)
  (:requirements :strips :typing)
  (:types
    hand level beverage dispenser container - object
    ingredient cocktail - beverage
    shot shaker - container)
  (:predicates
    (ontable ?c - container) (holding ?h - hand ?c - container) (handempty ?h - hand)
    (empty ?c - container) (clean ?c - container)
    (contains ?c - container ?b - beverage) (used ?c - container ?b - beverage)
    (dispenses ?d - dispenser ?i - ingredient)
    (shaker-empty-level ?s - shaker ?l - level) (shaker-level ?s - shaker ?l - level)
    (next ?lower - level ?upper - level)
    (unshaked ?s - shaker) (shaked ?s - shaker)
    (cocktail-part1 ?c - cocktail ?i - ingredient) (cocktail-part2 ?c - cocktail ?i - ingredient))

  (:action grasp
    :parameters (?h - hand ?c - container)
    :precondition (and (handempty ?h) (ontable ?c))
    :effect (and (not (handempty ?h)) (not (ontable ?c)) (holding ?h ?c)))

  (:action leave
    :parameters (?h - hand ?c - container)
    :precondition (holding ?h ?c)
    :effect (and (not (holding ?h ?c)) (handempty ?h) (ontable ?c)))

  (:action fill-shot
    :parameters (?s - shot ?i - ingredient ?holder - hand ?other - hand ?d - dispenser)
    :precondition (and (dispenses ?d ?i) (holding ?holder ?s) (handempty ?other) (clean ?s) (empty ?s))
    :effect (and (not (clean ?s)) (not (empty ?s)) (contains ?s ?i) (used ?s ?i)))

  (:action refill-shot
    :parameters (?s - shot ?i - ingredient ?holder - hand ?other - hand ?d - dispenser)
    :precondition (and (dispenses ?d ?i) (holding ?holder ?s) (handempty ?other) (used ?s ?i) (empty ?s))
    :effect (and (not (empty ?s)) (contains ?s ?i)))

  (:action empty-shot
    :parameters (?h - hand ?s - shot ?b - beverage)
    :precondition (and (holding ?h ?s) (contains ?s ?b))
    :effect (and (not (contains ?s ?b)) (empty ?s)))

  (:action clean-shot
    :parameters (?s - shot ?b - beverage ?holder - hand ?other - hand)
    :precondition (and (holding ?holder ?s) (handempty ?other) (used ?s ?b) (empty ?s))
    :effect (and (not (used ?s ?b)) (clean ?s)))

  (:action pour-shot-to-clean-shaker
    :parameters (?s - shot ?i - ingredient ?k - shaker ?h - hand ?low - level ?high - level)
    :precondition (and (next ?low ?high) (shaker-level ?k ?low) (clean ?k) (empty ?k)
                       (holding ?h ?s) (contains ?s ?i))
    :effect (and (not (contains ?s ?i)) (empty ?s)
                 (not (clean ?k)) (not (empty ?k)) (contains ?k ?i) (unshaked ?k)
                 (not (shaker-level ?k ?low)) (shaker-level ?k ?high)))

  (:action pour-shot-to-used-shaker
    :parameters (?s - shot ?i - ingredient ?k - shaker ?h - hand ?low - level ?high - level)
    :precondition (and (next ?low ?high) (shaker-level ?k ?low) (unshaked ?k)
                       (holding ?h ?s) (contains ?s ?i))
    :effect (and (not (contains ?s ?i)) (empty ?s) (contains ?k ?i)
                 (not (shaker-level ?k ?low)) (shaker-level ?k ?high)))

  (:action empty-shaker
    :parameters (?h - hand ?k - shaker ?c - cocktail ?now - level ?bottom - level)
    :precondition (and (shaker-empty-level ?k ?bottom) (shaker-level ?k ?now) (shaked ?k)
                       (holding ?h ?k) (contains ?k ?c))
    :effect (and (not (contains ?k ?c)) (empty ?k) (not (shaked ?k))
                 (not (shaker-level ?k ?now)) (shaker-level ?k ?bottom)))

  (:action clean-shaker
    :parameters (?holder - hand ?other - hand ?k - shaker)
    :precondition (and (holding ?holder ?k) (handempty ?other) (empty ?k))
    :effect (clean ?k))

  (:action shake
    :parameters (?c - cocktail ?i1 - ingredient ?i2 - ingredient ?k - shaker ?holder - hand ?other - hand)
    :precondition (and (cocktail-part1 ?c ?i1) (cocktail-part2 ?c ?i2) (unshaked ?k)
                       (contains ?k ?i1) (contains ?k ?i2) (holding ?holder ?k) (handempty ?other))
    :effect (and (not (contains ?k ?i1)) (not (contains ?k ?i2)) (contains ?k ?c)
                 (not (unshaked ?k)) (shaked ?k)))

  (:action pour-shaker-to-shot
    :parameters (?b - beverage ?s - shot ?h - hand ?k - shaker ?now - level ?below - level)
    :precondition (and (next ?below ?now) (shaker-level ?k ?now) (shaked ?k) (contains ?k ?b)
                       (holding ?h ?k) (clean ?s) (empty ?s))
    :effect (and (not (clean ?s)) (not (empty ?s)) (contains ?s ?b)
                 (not (shaker-level ?k ?now)) (shaker-level ?k ?below))))
