; One arm moves blocks between stacks and a table with room for all of them.
(define (domain blocksworld-4ops)
  (:requirements :strips)
  (:predicates (clear ?x) (on-table ?x) (on ?x ?y) (holding ?x) (arm-empty))

  (:action pickup
    :parameters (?block)
    :precondition (and (arm-empty) (on-table ?block) (clear ?block))
    :effect (and (not (arm-empty)) (not (on-table ?block)) (not (clear ?block)) (holding ?block)))

  (:action putdown
    :parameters (?block)
    :precondition (holding ?block)
    :effect (and (not (holding ?block)) (arm-empty) (on-table ?block) (clear ?block)))

  (:action stack
    :parameters (?block ?target)
    :precondition (and (holding ?block) (clear ?target))
    :effect (and (not (holding ?block)) (not (clear ?target)) (arm-empty) (on ?block ?target) (clear ?block)))

  (:action unstack
    :parameters (?block ?target)
    :precondition (and (arm-empty) (on ?block ?target) (clear ?block))
    :effect (and (not (arm-empty)) (not (on ?block ?target)) (not (clear ?block)) (holding ?block) (clear ?target))))
